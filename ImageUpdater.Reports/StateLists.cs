using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>A list that the web API answers with, formatVersion 1, under the rules of <see cref="PlanJson"/> for what may change.</summary>
/// <param name="HasMore">There are more than the limit let through.</param>
internal sealed record StateList<T>(string Kind, string FormatVersion, DateTimeOffset GeneratedAt, bool HasMore, IReadOnlyList<T> Items);

/// <param name="Status">planned, applied, stale or discarded.</param>
/// <param name="Namespaces">Absent for all.</param>
public sealed record ListedPlan(
    string Id, DateTimeOffset CreatedAt, string Actor, string Status, IReadOnlyList<string>? Namespaces, IReadOnlyList<string> Kinds, ListedCounts Counts);

/// <summary>Workloads by what is done with them; <paramref name="Adopted"/> counts containers.</summary>
public sealed record ListedCounts(int Restart, int Queued, int Adopted, int Held, int Skipped, int Unchanged);

/// <param name="Action">The most important of its containers' actions.</param>
internal sealed record ListedWorkload(string Namespace, string Kind, string Name, string Uid, string Action, IReadOnlyList<ListedContainer> Containers);

/// <param name="Since">Since when the decision is what it is.</param>
/// <param name="Baseline">The digest that the container is assumed to run; absent if there is none. Since 1.1.</param>
/// <param name="Unverified">The baseline was adopted although no pod reported a digest; absent unless it was. Since 1.1.</param>
internal sealed record ListedContainer(
    string Name, string Image, string Action, string Reason, string Explanation, string? From, string? To, DateTimeOffset Since,
    string? Baseline, bool? Unverified);

/// <summary>The lists of the web API, in the shapes and words of the other files.</summary>
public static class StateLists
{
    private const string FormatVersion = "1.2";

    /// <param name="plans">In the order to show; one more than <paramref name="limit"/> says that there are more.</param>
    public static string Plans(IReadOnlyList<ListedPlan> plans, int limit, DateTimeOffset now) =>
        Write("PlanList", plans, limit, now, WireJson.Shape.StateListListedPlan);

    /// <summary>As the audit report has them.</summary>
    public static string Rollouts(IReadOnlyList<Rollout> rollouts, int limit, DateTimeOffset now) =>
        Write("RolloutList", Reported(rollouts, now), limit, now, WireJson.Shape.StateListReportedRestart);

    /// <summary>By namespace, kind and name.</summary>
    public static string Workloads(
        IEnumerable<LastDecision> decisions, IReadOnlyDictionary<ContainerId, Baseline> baselines, int limit, DateTimeOffset now) =>
        Write("WorkloadList", [.. Listed(decisions, baselines).Take(limit + 1)], limit, now, WireJson.Shape.StateListListedWorkload);

    /// <summary>Audit records, in the order to show.</summary>
    public static string Records(IReadOnlyList<AuditRecord> records, int limit, DateTimeOffset now) =>
        Write("AuditRecordList", [.. records.Select(AuditReportBuilder.Record)], limit, now, WireJson.Shape.StateListReportedRecord);

    internal static IReadOnlyList<ReportedRestart> Reported(IReadOnlyList<Rollout> rollouts, DateTimeOffset now) => AuditReport.Of(new AuditReportInput(
        now, DateTimeOffset.MinValue, now, Namespace: null, Cluster: null, rollouts, Decisions: [], Audit: [], FailingImages: [], Notes: [])).Restarts;

    internal static IEnumerable<ListedWorkload> Listed(IEnumerable<LastDecision> decisions, IReadOnlyDictionary<ContainerId, Baseline> baselines) =>
        decisions
            .GroupBy(decision => (decision.Workload, decision.Id.WorkloadUid))
            .OrderBy(group => group.Key.Workload)
            .ThenBy(group => group.Key.WorkloadUid, StringComparer.Ordinal)
            .Select(group => new ListedWorkload(
                group.Key.Workload.Namespace,
                WireNames.Kinds[group.Key.Workload.Kind],
                group.Key.Workload.Name,
                group.Key.WorkloadUid,
                WireNames.Actions[group.Max(decision => decision.Action)],
                [.. group.OrderBy(decision => decision.Id.Container, StringComparer.Ordinal).Select(decision => Listed(decision, baselines.GetValueOrDefault(decision.Id)))]));

    private static ListedContainer Listed(LastDecision decision, Baseline? baseline) => new(
        decision.Id.Container,
        WireJson.Text(decision.ImageText),
        WireNames.Actions[decision.Action],
        WireNames.Reasons[decision.Reason],
        WireJson.Text(decision.Explanation),
        decision.From?.Value,
        decision.To?.Value,
        decision.Since.ToUniversalTime(),
        baseline?.Digest.Value,
        baseline is { IsUnverified: true } ? true : null);

    private static string Write<T>(string kind, IReadOnlyList<T> items, int limit, DateTimeOffset now, JsonTypeInfo<StateList<T>> type) =>
        JsonSerializer.Serialize(new StateList<T>(kind, FormatVersion, now.ToUniversalTime(), items.Count > limit, [.. items.Take(limit)]), type) + "\n";
}
