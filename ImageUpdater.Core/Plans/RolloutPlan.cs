using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Plans;

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
    public IEnumerable<WorkloadPlan> Queued => Workloads.Where(workload => workload.Restart is null && workload.Containers.Any(container => container.IsDue));

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
