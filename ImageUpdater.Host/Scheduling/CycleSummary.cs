using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Scheduling;

/// <param name="Failing">Images whose last check failed, for one namespace at least.</param>
/// <param name="LastSuccess">The last successful check of one of its images since the start.</param>
internal sealed record ObservedRegistry(string Registry, int Tracked, int Failing, DateTimeOffset? LastSuccess);

/// <summary>The counts of a cycle. The plan itself may be large, and is not kept in memory.</summary>
internal sealed record CycleSummary(
    IReadOnlyDictionary<WorkloadKind, int> Workloads,
    IReadOnlyDictionary<DecisionReason, int> Holds,
    IReadOnlyDictionary<DecisionReason, int> Skips,
    IReadOnlyList<ObservedRegistry> Registries)
{
    public static CycleSummary Of(RolloutPlan plan, IReadOnlyCollection<ImageCheck> checks, CycleSummary? before) => new(
        plan.Workloads.CountBy(workload => workload.Key.Kind).ToDictionary(),
        Reasons(plan, ContainerAction.Hold),
        Reasons(plan, ContainerAction.Skip),
        [
            .. checks.GroupBy(check => check.Image.Registry, StringComparer.OrdinalIgnoreCase)
                .Select(group => Observed(group.Key, [.. group], before))
                .OrderBy(registry => registry.Registry, StringComparer.Ordinal),
        ]);

    private static ObservedRegistry Observed(string registry, IReadOnlyCollection<ImageCheck> checks, CycleSummary? before)
    {
        var served = checks.OfType<ServedCheck>().ToList();
        var last = served.Count > 0
            ? served.Max(check => check.At)
            : before?.Registries.FirstOrDefault(known => string.Equals(known.Registry, registry, StringComparison.OrdinalIgnoreCase))?.LastSuccess;
        return new ObservedRegistry(registry, checks.DistinctBy(check => check.Image).Count(), checks.OfType<FailedCheck>().DistinctBy(check => check.Image).Count(), last);
    }

    private static Dictionary<DecisionReason, int> Reasons(RolloutPlan plan, ContainerAction action) => plan.Workloads
        .SelectMany(workload => workload.Containers)
        .Where(container => container.Action == action)
        .CountBy(container => container.Reason)
        .ToDictionary();
}
