using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Plans;

/// <summary>One container, what is done with it, and why.</summary>
/// <param name="From">The baseline before, or the digest that on-failure: pin-previous pinned; null where there was none.</param>
/// <param name="To">The digest that the registry serves; null if it could not be read.</param>
/// <param name="Explanation">One plain message, without the names of workload and container.</param>
/// <param name="Adopt">The baseline to record; the cluster is not changed.</param>
public sealed record ContainerDecision(
    string Container,
    bool IsInit,
    string ImageText,
    ImageReference? Image,
    ContainerAction Action,
    DecisionReason Reason,
    string Explanation,
    Digest? From = null,
    Digest? To = null,
    Baseline? Adopt = null)
{
    /// <summary>All holds; the first one is the decision's reason.</summary>
    public IReadOnlyList<Hold> Holds { get; init; } = [];

    /// <summary>What the restart writes as the container's image; null to leave it as it is.</summary>
    public string? ImageAfter { get; init; }

    /// <summary>The restart pins the container to its previous digest, after a failed rollout.</summary>
    public bool IsPin => ImageAfter?.Contains('@') == true;

    /// <summary>Restarted now, or queued.</summary>
    public bool IsDue => Action == ContainerAction.Restart || (Holds.Count > 0 && Holds.All(hold => hold.Reason == DecisionReason.RolloutLimit));

    /// <summary>Restarted when someone applies the plan by hand, which also approves it.</summary>
    public bool IsWanted => Action == ContainerAction.Restart
        || (Holds.Count > 0 && Holds.All(hold => hold.Reason is DecisionReason.RolloutLimit or DecisionReason.ApprovalRequired));

    /// <summary>The pods run an older digest than the tag serves, as far as the baseline tells, and are or will be restarted for it.</summary>
    public bool IsOutdated => Action is ContainerAction.Restart or ContainerAction.Hold
        && From is not null && To is not null && From != To
        // Pinning goes back to a digest that the tag served before.
        && Reason != DecisionReason.PinPrevious && ImageAfter?.Contains('@', StringComparison.Ordinal) != true;

    /// <summary>When the last hold ends by itself; null if there is no hold or one that does not end by itself.</summary>
    public DateTimeOffset? HeldUntil => Holds.Count > 0 && Holds.All(hold => hold.Until is not null) ? Holds.Max(hold => hold.Until) : null;
}

/// <summary>In order of importance: the largest one is the workload's action.</summary>
public enum ContainerAction
{
    NoOp,
    Skip,
    Hold,
    Restart,
}

/// <summary>Explains an action; the executor never branches on it. Stored by name.</summary>
public enum DecisionReason
{
    UpToDate,
    NotTracked,
    Pinned,
    NeverPulled,
    FirstSeen,
    NewReference,
    SameManifests,
    RunningPods,
    DigestChanged,
    NoBaseline,
    PinPrevious,
    PinnedToPrevious,
    Deleting,
    Paused,
    InvalidAnnotation,
    Quarantined,
    RolloutRunning,
    ApprovalRequired,
    MinAge,
    Cooldown,
    OutsideWindow,
    RolloutLimit,
    InvalidImage,
    RegistryFailed,
    NotObserved,
    PlatformMissing,
    Waiting,
    PodsNotReplaced,
    Mismatch,
    Undone,
    Reverted,
    Retry,
    Flapping,
    UpToDateForNow,
}
