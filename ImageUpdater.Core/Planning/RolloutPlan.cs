using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning.Holds;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>What would be done; and for everything looked at why it would or would not. Made by the planner.</summary>
public sealed record RolloutPlan
{
    public required DateTimeOffset CreatedAt { get; init; }

    public required PlanScope Scope { get; init; }

    /// <summary>By namespace, kind and name; the operator's own workload last.</summary>
    public required IReadOnlyList<WorkloadPlan> Workloads { get; init; }

    /// <summary>What concerns no single workload, for example a kind that may not be listed.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Distinct images that were looked at.</summary>
    public int ImageCount { get; init; }

    /// <summary>When each image was and will be checked, by name. Explains, and is never branched on.</summary>
    public IReadOnlyList<ImageOutlook> Images { get; init; } = [];

    public IEnumerable<WorkloadPlan> Changes => Workloads.Where(workload => workload.HasWork);

    /// <summary>What applying the plan by hand is about: the changes, those that wait for their turn, and those that wait for approval.</summary>
    public IEnumerable<WorkloadPlan> Wanted => Workloads.Where(workload => workload.HasWork || workload.Containers.Any(container => container.IsWanted));

    /// <summary>Workloads that are restarted without more ado, as soon as other rollouts have ended.</summary>
    public IEnumerable<WorkloadPlan> Waiting => Workloads.Where(workload => workload.Restart is null && workload.Containers.Any(container => container.IsDue));

    /// <summary>Where <see cref="Workloads"/> are a part of those that were planned (<see cref="Kept"/>): the counts of all of them.</summary>
    public PlanCounts? CountsOfAll { get; init; }

    public PlanCounts Counts => CountsOfAll ?? new(
        Count(ContainerAction.Restart),
        Workloads.Sum(workload => workload.Containers.Count(container => container.Adopt is not null)),
        Count(ContainerAction.Hold),
        Count(ContainerAction.Skip),
        Count(ContainerAction.NoOp));

    /// <summary>
    /// What is worth keeping: restarts, queued, holds and skips; applying the plan later needs no more. Containers that stay as they are, are
    /// counted, and when images were checked is in the state itself.
    /// </summary>
    public RolloutPlan Kept() => this with
    {
        Workloads =
        [
            .. from workload in Workloads
               let containers = workload.Containers.Where(container => container.Action != ContainerAction.NoOp).ToList()
               where workload.HasWork || containers.Count > 0
               select workload with { Containers = containers },
        ],
        Images = [],
        CountsOfAll = Counts,
    };

    private int Count(ContainerAction action) => Workloads.Count(workload => workload.Action == action);
}

/// <summary>What the plan looked at. About a workload outside it the plan says nothing, not even that it is gone.</summary>
/// <param name="Namespaces">Null for all.</param>
/// <param name="Kinds">Those that could be listed in all of these namespaces.</param>
public sealed record PlanScope(IReadOnlyList<string>? Namespaces, IReadOnlyList<WorkloadKind> Kinds)
{
    public static readonly PlanScope Everything = new(Namespaces: null, Enum.GetValues<WorkloadKind>());

    public bool Covers(WorkloadKey workload) =>
        (Namespaces is null || Namespaces.Contains(workload.Namespace, StringComparer.Ordinal)) && Kinds.Contains(workload.Kind);
}

/// <summary>Workloads by what is done with them; <paramref name="Adopted"/> counts containers.</summary>
public sealed record PlanCounts(int Restart, int Adopted, int Held, int Skipped, int Unchanged);

public sealed record WorkloadPlan
{
    public required WorkloadKey Key { get; init; }

    public required string Uid { get; init; }

    /// <summary>The patch is made for this version of the workload, and for no other.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Of the pod template that it was made for; empty in plans of versions that did not take it.</summary>
    public string TemplateFingerprint { get; init; } = "";

    public required IReadOnlyList<ContainerDecision> Containers { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Present when the workload is to be restarted.</summary>
    public RestartChange? Restart { get; init; }

    public bool RemoveLegacyFinalizer { get; init; }

    /// <summary>It runs the operator itself.</summary>
    public bool IsSelf { get; init; }

    /// <summary>Whether applying it would write to the cluster.</summary>
    public bool HasWork => Restart is not null || RemoveLegacyFinalizer;

    /// <summary>What the workload as a whole counts as: the most important of its containers' actions.</summary>
    public ContainerAction Action => Containers.Count == 0 ? ContainerAction.NoOp : Containers.Max(container => container.Action);
}

/// <summary>What the one patch of a restart carries, besides the time.</summary>
/// <param name="LastDigest">The new value of the annotation.</param>
/// <param name="PullPolicies">Containers whose pull policy becomes <c>Always</c>, with what it was.</param>
public sealed record RestartChange(string LastDigest, IReadOnlyList<PullPolicyChange> PullPolicies)
{
    /// <summary>Containers that are pinned to the digest before, or return from there to their tag.</summary>
    public IReadOnlyList<ImageChange> Images { get; init; } = [];

    /// <summary>The new value of that annotation; null to leave it as it is, empty to remove it.</summary>
    public string? PinnedDigest { get; init; }
}

public sealed record PullPolicyChange(string Container, bool IsInit, string? Before);

public sealed record ImageChange(string Container, bool IsInit, string Before, string After);

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
    RollBack,
    RolledBack,
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

/// <summary>One container, what is done with it, and why.</summary>
/// <param name="From">The baseline before; null where there was none.</param>
/// <param name="To">What the registry serves; null where it could not be read.</param>
/// <param name="Explanation">One plain sentence, without the names of workload and container.</param>
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
