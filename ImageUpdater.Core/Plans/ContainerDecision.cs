using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Plans;

/// <summary>One container, what is done with it, and why.</summary>
/// <param name="From">The baseline before; null where there was none.</param>
/// <param name="To">What the registry serves; null where it could not be read.</param>
/// <param name="Explanation">One plain message, without the names of workload and container.</param>
/// <param name="Adopt">The baseline to record; it changes nothing in the cluster.</param>
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
    /// <summary>All that hold it; the first gives the reason.</summary>
    public IReadOnlyList<Hold> Holds { get; init; } = [];

    /// <summary>What the restart writes as the container's image; null to leave it as it is.</summary>
    public string? ImageAfter { get; init; }

    /// <summary>It is restarted, now or as soon as other rollouts have ended.</summary>
    public bool IsDue => Action == ContainerAction.Restart || (Holds.Count > 0 && Holds.All(hold => hold.Reason == DecisionReason.RolloutLimit));

    /// <summary>Somebody who applies the plan by hand wants it restarted: with that it is approved.</summary>
    public bool IsWanted => Action == ContainerAction.Restart
        || (Holds.Count > 0 && Holds.All(hold => hold.Reason is DecisionReason.RolloutLimit or DecisionReason.ApprovalRequired));

    /// <summary>When the last of its holds ends by itself; null where there is none, or one that does not.</summary>
    public DateTimeOffset? HeldUntil => Holds.Count > 0 && Holds.All(hold => hold.Until is not null) ? Holds.Max(hold => hold.Until) : null;
}

/// <summary>In the order of importance: the largest speaks for the workload.</summary>
public enum ContainerAction
{
    NoOp,
    Skip,
    Hold,
    Restart,
}

/// <summary>Explains an action and is never branched on by whoever carries it out. Stored by name.</summary>
public enum DecisionReason
{
    UpToDate,
    NotTracked,
    Pinned,
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
}
