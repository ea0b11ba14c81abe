using System.Text.Json;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>A workload, its decisions and why, as <c>explain</c> shows it.</summary>
/// <param name="Records">Its audit records, newest first.</param>
internal sealed record ExplainedWorkload(
    string Namespace, string Kind, string Name, string Uid, IReadOnlyList<ExplainedContainer> Containers, IReadOnlyList<string> Warnings, IReadOnlyList<ReportedRecord> Records);

/// <param name="Decision">As in a plan.</param>
/// <param name="DecidedSince">Since when the decision is what it is; absent for one that no stored plan has.</param>
/// <param name="Served">The digest that the registry serves; absent if it could not be read.</param>
/// <param name="Failure">Of the last check; absent if it succeeded.</param>
internal sealed record ExplainedContainer(
    ContainerDocument Decision, DateTimeOffset? DecidedSince, ExplainedBaseline? Baseline, string? Served, DateTimeOffset? ServedSince,
    DateTimeOffset? LastChecked, DateTimeOffset? NextCheck, string? Failure);

/// <param name="Unverified">Absent unless it is.</param>
internal sealed record ExplainedBaseline(string Digest, string Origin, DateTimeOffset Since, bool? Unverified);

/// <summary>What an explanation is made from.</summary>
/// <param name="Records">The audit records of a workload, newest first.</param>
public sealed record Explained(WorkloadPlan Workload, IReadOnlyList<AuditRecord> Records);

public static class Explanations
{
    private const string FormatVersion = "1.0";

    public static string Write(
        IReadOnlyList<Explained> workloads, PlanningInput input, IReadOnlyDictionary<ContainerId, Baseline> baselines,
        IReadOnlyDictionary<ContainerId, LastDecision> decisions, DateTimeOffset now)
    {
        var list = new StateList<ExplainedWorkload>("ExplanationList", FormatVersion, now.ToUniversalTime(), HasMore: false, [.. workloads.Select(Document)]);
        return JsonSerializer.Serialize(list, WireJson.Shape.StateListExplainedWorkload) + "\n";

        ExplainedWorkload Document(Explained explained) => new(
            explained.Workload.Key.Namespace,
            WireNames.Kinds[explained.Workload.Key.Kind],
            explained.Workload.Key.Name,
            explained.Workload.Uid,
            [.. explained.Workload.Containers.Select(container => Container(explained.Workload.Key.Namespace, container, new ContainerId(explained.Workload.Uid, container.Container)))],
            WireJson.Texts(explained.Workload.Warnings),
            [.. explained.Records.Select(AuditReportBuilder.Record)]);

        ExplainedContainer Container(string @namespace, ContainerDecision container, ContainerId id)
        {
            var check = container.Image is { } image ? input.Checks.For(image, @namespace) : null;
            var served = check as ServedCheck;
            return new ExplainedContainer(
                PlanJson.Document(container),
                decisions.GetValueOrDefault(id)?.Since.ToUniversalTime(),
                baselines.GetValueOrDefault(id) is { } baseline
                    ? new ExplainedBaseline(baseline.Digest.Value, WireNames.Origins[baseline.Origin], baseline.Since.ToUniversalTime(), baseline.IsUnverified ? true : null)
                    : null,
                served?.Digest.Value,
                served is not null && input.ServedSince.TryGetValue(served.Observed, out var since) ? since.ToUniversalTime() : null,
                check?.At.ToUniversalTime(),
                input.Images.FirstOrDefault(outlook => outlook.Observed == check?.Observed)?.NextCheck?.ToUniversalTime(),
                check is FailedCheck failed ? WireJson.Text(failed.Failure.Message) : null);
        }
    }
}
