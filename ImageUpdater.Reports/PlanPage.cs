using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>What the Markdown of a plan shows, as its template sees it.</summary>
internal sealed record PlanPage
{
    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required PlanCounts Counts { get; init; }

    public required string ToRestart { get; init; }

    public required string? Outdated { get; init; }

    public required string? Seen { get; init; }

    public required string Kinds { get; init; }

    /// <summary>Null for all.</summary>
    public required IReadOnlyList<string>? Namespaces { get; init; }

    public required int ImageCount { get; init; }

    public required IReadOnlyList<PlanRow> Restarts { get; init; }

    public required IReadOnlyList<PlanRow> Queued { get; init; }

    /// <summary>Parts of the patches other than digests.</summary>
    public required IReadOnlyList<PlanChange> OtherChanges { get; init; }

    public required IReadOnlyList<PlanRow> Held { get; init; }

    public required IReadOnlyList<PlanRow> Skipped { get; init; }

    public required IReadOnlyList<PlanRow> Adopted { get; init; }

    public required IReadOnlyList<PlanRow> Waiting { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required IReadOnlyList<PlanImage> Images { get; init; }

    public static PlanPage Of(string planId, RolloutPlan plan) => new()
    {
        Id = planId,
        CreatedAt = plan.CreatedAt.ToUniversalTime(),
        Counts = plan.Counts,
        ToRestart = PlannedRestarts.Describe(plan.Counts),
        Outdated = OutdatedWorkloads.Describe(plan),
        Seen = SeenWorkloads.Describe(plan),
        Kinds = plan.Scope.Kinds.Count == 0 ? "no workload kinds" : string.Join(", ", plan.Scope.Kinds.Select(kind => WireNames.Kinds[kind] + "s")),
        Namespaces = plan.Scope.Namespaces,
        ImageCount = plan.ImageCount,
        Restarts = Rows(plan, container => container.Action == ContainerAction.Restart),
        Queued = Rows(plan, container => container.Action == ContainerAction.Hold && container.IsDue),
        OtherChanges = [.. plan.Workloads.SelectMany(PlanChange.Of)],
        Held = Rows(plan, container => container.Action == ContainerAction.Hold && !container.IsDue),
        Skipped = Rows(plan, container => container.Action == ContainerAction.Skip),
        Adopted = Rows(plan, container => container.Adopt is not null),
        Waiting = Rows(plan, container => container.Reason == DecisionReason.Waiting),
        Warnings = [.. plan.Warnings, .. plan.Workloads.SelectMany(workload => workload.Warnings.Select(warning => $"{workload.Key}: {warning}"))],
        Images = [.. plan.Images.Select(PlanImage.Of)],
    };

    private static IReadOnlyList<PlanRow> Rows(RolloutPlan plan, Func<ContainerDecision, bool> shows) =>
        [.. plan.Workloads.SelectMany(workload => workload.Containers.Where(shows).Select(container => PlanRow.Of(workload, container)))];
}

/// <summary>A container.</summary>
internal sealed record PlanRow(string Workload, string Container, bool IsInit, string Image, string? From, string? To, string? Adopted, string Why)
{
    public static PlanRow Of(WorkloadPlan workload, ContainerDecision container) => new(
        workload.Key.ToString(), container.Container, container.IsInit, container.ImageText, container.From?.Abbreviated, container.To?.Abbreviated,
        container.Adopt?.Digest.Abbreviated, container.Explanation);
}

/// <param name="What">Null for a pull policy of the container.</param>
internal sealed record PlanChange(string Workload, string? What, string? Container = null, string? Before = null)
{
    public static IEnumerable<PlanChange> Of(WorkloadPlan workload)
    {
        var key = workload.Key.ToString();
        foreach (var policy in workload.Restart?.PullPolicies ?? [])
            yield return new(key, What: null, policy.Container, policy.Before ?? "none");
        if (workload.RemoveLegacyFinalizer)
            yield return new(key, "removes the finalizer of the former operator");
        if (workload is { IsSelf: true, Restart: not null })
            yield return new(key, "runs ImageUpdater; restarted last");
    }
}

internal sealed record PlanImage(string Image, DateTimeOffset? LastChecked, DateTimeOffset? NextCheck, string? Failure)
{
    public static PlanImage Of(ImageOutlook image) =>
        new(image.Observed.ToString(), image.LastChecked?.ToUniversalTime(), image.NextCheck?.ToUniversalTime(), image.Failure);
}
