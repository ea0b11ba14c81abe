using System.Text;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>A plan that was read back, and the id that it is stored under.</summary>
public sealed record StoredPlanDocument(string Id, RolloutPlan Plan);

/// <summary>The wire format of a plan. It carries all that applying it later needs.</summary>
/// <remarks>
/// A reader of version 1.x ignores unknown fields. Adding a field raises the minor version; removing a field or changing its meaning
/// raises the major version, which older readers refuse.
/// </remarks>
public static class PlanJson
{
    public const string Kind = "RolloutPlan";

    public const string FormatVersion = "1.6";

    /// <summary>In characters. Some twenty thousand workloads.</summary>
    public const int MaxLength = 32 * 1024 * 1024;

    private const int Major = 1;

    public static string Write(string planId, RolloutPlan plan) =>
        JsonSerializer.Serialize(Document(planId, plan), WireJson.Shape.PlanDocument) + "\n";

    /// <summary>The plan, or one message that says why the text can't be used.</summary>
    public static Result<StoredPlanDocument, string> Read(string json)
    {
        if (json.Length > MaxLength)
            return $"the plan has {Words.Number(json.Length)} characters; the maximum is {Words.Number(MaxLength)}";

        try
        {
            var utf8 = Encoding.UTF8.GetBytes(json.TrimStart('\uFEFF'));
            return RefuseHeader(utf8) is { } refusal
                ? refusal
                : PlanReader.Read(JsonSerializer.Deserialize(utf8, WireJson.Shape.PlanDocument)!);
        }
        catch (JsonException exception) when (exception.InnerException is JsonException || exception.Path is null or "$")
        {
            return $"not a plan: the text is not a JSON object (line {(exception.LineNumber ?? 0) + 1})";
        }
        catch (JsonException exception)
        {
            return $"the plan can't be used: {UntrustedText.Bound(exception.Path![2..])} has a value of the wrong type";
        }
    }

    // First, because another version may have a different structure.
    private static string? RefuseHeader(byte[] utf8)
    {
        var header = JsonSerializer.Deserialize(utf8, WireJson.Shape.DocumentHeader);
        if (header is not { Kind.ValueKind: JsonValueKind.String, FormatVersion.ValueKind: JsonValueKind.String } || header.Kind.GetString() != Kind)
            return $"the file is JSON, but not a plan: \"kind\": \"{Kind}\" or formatVersion is missing";

        var written = header.FormatVersion.GetString()!;
        if (!Version.TryParse(written, out var version) || version.Major < 1)
            return $"unsupported formatVersion '{UntrustedText.Bound(written, 20)}'; this version reads {Major}.x";

        return version.Major > Major ? $"the plan was written by a newer version (format {version}); this version reads {Major}.x" : null;
    }

    private static PlanScopeDocument Document(PlanScope scope) => new(
        scope.Namespaces is [var only] ? only : null,
        scope.Namespaces is { Count: not 1 } several ? several : null,
        [.. scope.Kinds.Select(kind => WireNames.Kinds[kind])]);

    private static PlanDocument Document(string planId, RolloutPlan plan)
    {
        var counts = plan.Counts;
        return new PlanDocument(
            Kind,
            FormatVersion,
            planId,
            Rfc3339.Write(plan.CreatedAt),
            Document(plan.Scope),
            new PlanCountsDocument(
                counts.Restart, counts.Adopted, counts.Held, counts.Skipped, counts.Unchanged, plan.Outdated.Count(), plan.NotEnabled is null ? null : plan.Workloads.Count, plan.NotEnabled, counts.Queued),
            plan.ImageCount,
            [.. plan.Workloads.Select(Document)],
            WireJson.Texts(plan.Warnings),
            [.. plan.Images.Select(Document)],
            plan.Limits is { } limits ? new PlanLimitsDocument(limits.MaxRollouts, limits.MaxRolloutsPerNamespace) : null);
    }

    private static PlanImageDocument Document(ImageOutlook image) => new(
        image.Image.ToString(),
        image.LastChecked is { } last ? Rfc3339.Write(last) : null,
        image.NextCheck is { } next ? Rfc3339.Write(next) : null,
        image.Failure is { } failure ? WireJson.Text(failure) : null,
        image.Reader.Namespace);

    private static WorkloadDocument Document(WorkloadPlan workload) => new(
        workload.Key.Namespace,
        WireNames.Kinds[workload.Key.Kind],
        workload.Key.Name,
        workload.Uid,
        workload.ResourceVersion,
        workload.TemplateFingerprint.Length == 0 ? null : workload.TemplateFingerprint,
        WireNames.Actions[workload.Action],
        workload.IsSelf,
        workload.RemoveLegacyFinalizer,
        workload.Restart is null ? null : Document(workload.Restart),
        [.. workload.Containers.Select(Document)],
        WireJson.Texts(workload.Warnings));

    private static RestartDocument Document(RestartChange restart) => new(
        restart.LastDigest,
        [.. restart.PullPolicies.Select(policy => new PullPolicyDocument(policy.Container, policy.IsInit, policy.Before))],
        restart.Images.Count == 0 ? null : [.. restart.Images.Select(image => new ImageChangeDocument(image.Container, image.IsInit, WireJson.Text(image.Before), image.After))],
        restart.PinnedDigest);

    internal static ContainerDocument Document(ContainerDecision container) => new(
        container.Container,
        container.IsInit,
        WireJson.Text(container.ImageText),
        container.Image?.ToString(),
        WireNames.Actions[container.Action],
        WireNames.Reasons[container.Reason],
        WireJson.Text(container.Explanation),
        container.From?.Value,
        container.To?.Value,
        container.Adopt is { } adopt ? new AdoptDocument(adopt.Digest.Value, WireNames.Origins[adopt.Origin], Rfc3339.Write(adopt.Since), adopt.IsUnverified ? true : null) : null,
        container.Holds.Count == 0 ? null : [.. container.Holds.Select(Document)],
        container.ImageAfter);

    private static HoldDocument Document(Hold hold) => new(
        WireNames.Reasons[hold.Reason], WireJson.Text(hold.Explanation), hold.Until is { } until ? Rfc3339.Write(until) : null);
}
