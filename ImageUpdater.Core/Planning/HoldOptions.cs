using ImageUpdater.Core.Applying;

namespace ImageUpdater.Core.Planning;

/// <summary>Defaults for workloads without hold annotations, and the limits across workloads.</summary>
public sealed record HoldOptions
{
    public WeeklyWindows Window { get; init; } = WeeklyWindows.Always;

    /// <summary>Minimum time between two restarts of a workload, including restarts by others. Default: none.</summary>
    public TimeSpan Cooldown { get; init; }

    /// <summary>Minimum time a digest must have been served before it is rolled out. Default: none.</summary>
    public TimeSpan MinAge { get; init; }

    public bool ApprovalRequired { get; init; }

    /// <summary>Maximum number of rollouts at the same time in the cluster.</summary>
    public int MaxRollouts { get; init; } = 5;

    /// <summary>Maximum number of rollouts at the same time in one namespace.</summary>
    public int MaxRolloutsPerNamespace { get; init; } = 2;

    /// <summary>The other workloads with the same image that a digest is held for after its rollout to one of them failed.</summary>
    public QuarantineScope Quarantine { get; init; } = QuarantineScope.Cluster;

    /// <summary>Minimum time that a tag which flaps must serve one digest without a break before it is rolled out; see <see cref="Flap"/>. 0 for none.</summary>
    public TimeSpan FlapStabilization { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// A rollout by somebody else that takes longer no longer holds restarts; see <see cref="Tracking.RolloutDeadline"/>. One of ours without progress for
    /// this long no longer uses a slot.
    /// </summary>
    public TimeSpan RolloutTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Whether an open rollout counts against the limits. Its workload may set a longer deadline (<c>rollout-timeout</c>, <c>progressDeadlineSeconds</c>),
    /// until which it is tracked; the slots are everybody's, so only the option decides how long one may be used without progress.
    /// </summary>
    public bool UsesSlot(Rollout rollout) => rollout.Pace is not { } pace || pace.WithoutProgress <= RolloutTimeout;
}
