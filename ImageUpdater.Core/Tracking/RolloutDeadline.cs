using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Tracking;

/// <summary>How long a rollout may make no progress before it counts as timed out.</summary>
/// <remarks>
/// | the workload                                       | limit                                                                   |
/// |----------------------------------------------------|-------------------------------------------------------------------------|
/// | has a valid <c>rollout-timeout</c>                 | that                                                                    |
/// | is a Deployment with <c>progressDeadlineSeconds</c> | Kubernetes decides; ours is longer, for a controller that does not     |
/// | (otherwise)                                        | the option <c>RolloutTimeout</c>                                        |
/// </remarks>
public static class RolloutDeadline
{
    // Kubernetes starts counting after the patch, and needs a moment to write its condition.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    public static TimeSpan Of(WorkloadSnapshot workload, TimeSpan option)
    {
        if (workload.Annotations.TryGetValue(Annotations.RolloutTimeout, out var text) && Parse(text) is { } own)
            return own;
        return workload.ProgressDeadline is { } deadline && deadline + Grace > option ? deadline + Grace : option;
    }

    /// <returns>Null if it is invalid, or zero: a rollout takes time.</returns>
    public static TimeSpan? Parse(string text) => Durations.Parse(text.Trim()) is { } span && span > TimeSpan.Zero ? span : null;
}
