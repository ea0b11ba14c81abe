using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Plans;

/// <summary>What will be done, with a reason for every container considered. Made by the planner.</summary>
public sealed record RolloutPlan
{
    public required DateTimeOffset CreatedAt { get; init; }

    public required PlanScope Scope { get; init; }

    /// <summary>By namespace, kind and name; the operator's own workload last (<see cref="InOrder"/>).</summary>
    public required IReadOnlyList<WorkloadPlan> Workloads { get; init; }

    /// <summary>Warnings not about a single workload, for example a kind that may not be listed.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Number of distinct images considered.</summary>
    public int ImageCount { get; init; }

    /// <summary>When each image was and will be checked, by name. For display only.</summary>
    public IReadOnlyList<ImageOutlook> Images { get; init; } = [];

    public IEnumerable<WorkloadPlan> Changes => Workloads.Where(workload => workload.HasWork);

    /// <summary>What applying the plan by hand restarts or approves: changes, queued workloads, and workloads that wait for approval.</summary>
    public IEnumerable<WorkloadPlan> Wanted => Workloads.Where(workload => workload.HasWork || workload.Containers.Any(container => container.IsWanted));

    /// <summary>Workloads that are restarted as soon as a rollout slot is free.</summary>
    public IEnumerable<WorkloadPlan> Queued => Workloads.Where(workload => workload.IsQueued);

    /// <summary>Applying it would change nothing in the cluster, now or later.</summary>
    public bool IsEmpty => !Changes.Any() && !Queued.Any();

    /// <summary>Workloads that run an older digest than their tag serves, restarted now, queued or held.</summary>
    public IEnumerable<WorkloadPlan> Outdated => Workloads.Where(workload => workload.Containers.Any(container => container.IsOutdated));

    /// <summary>How many workloads are restarted at a time; null in a plan that was stored.</summary>
    public PlanLimits? Limits { get; init; }

    /// <summary>Where <see cref="Workloads"/> are a part of those that were planned (<see cref="Kept"/>): the counts of all of them.</summary>
    public PlanCounts? CountsOfAll { get; init; }

    /// <summary>Number of workloads that were read and are not enabled; null in a plan that was stored, or is a part of one.</summary>
    public int? NotEnabled { get; init; }

    public PlanCounts Counts => CountsOfAll ?? new(
        Count(ContainerAction.Restart),
        Queued.Count(),
        Workloads.Sum(workload => workload.Containers.Count(container => container.Adopt is not null)),
        Workloads.Count(workload => workload.Action == ContainerAction.Hold && !workload.IsQueued),
        Count(ContainerAction.Skip),
        Count(ContainerAction.NoOp));

    /// <summary>
    /// The part that is stored: restarts, queued, holds and skips, which is all that applying it later needs. Unchanged containers are only
    /// counted; the state has when images were checked.
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
        Limits = null,
        NotEnabled = null,
        CountsOfAll = Counts,
    };

    /// <summary>The order of <see cref="Workloads"/>.</summary>
    public static int InOrder(WorkloadPlan one, WorkloadPlan other) =>
        one.IsSelf != other.IsSelf ? one.IsSelf.CompareTo(other.IsSelf) : one.Key.CompareTo(other.Key);

    private int Count(ContainerAction action) => Workloads.Count(workload => workload.Action == action);
}

/// <summary>What the plan covers. A workload outside the scope is not known to be gone.</summary>
/// <param name="Namespaces">Null for all.</param>
/// <param name="Kinds">Those that could be listed in all of these namespaces.</param>
public sealed record PlanScope(IReadOnlyList<string>? Namespaces, IReadOnlyList<WorkloadKind> Kinds)
{
    public static readonly PlanScope Everything = new(Namespaces: null, Enum.GetValues<WorkloadKind>());

    public bool Covers(WorkloadKey workload) =>
        (Namespaces is null || Namespaces.Contains(workload.Namespace, StringComparer.Ordinal)) && Kinds.Contains(workload.Kind);
}

/// <summary>Workloads by what is done with them; <paramref name="Adopted"/> counts containers.</summary>
/// <param name="Restart">Restarted at once.</param>
/// <param name="Queued">Restarted as soon as a rollout slot is free.</param>
/// <param name="Held">Not restarted until a hold ends; without those that are queued.</param>
public sealed record PlanCounts(int Restart, int Queued, int Adopted, int Held, int Skipped, int Unchanged);

/// <summary>The maximum number of rollouts at the same time, in the cluster and in one namespace.</summary>
public sealed record PlanLimits(int MaxRollouts, int MaxRolloutsPerNamespace);
