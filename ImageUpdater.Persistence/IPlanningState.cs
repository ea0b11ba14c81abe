using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence;

/// <summary>What a plan is made from.</summary>
/// <param name="Decisions">The last decision about each container.</param>
/// <param name="Quarantine">Oldest first.</param>
/// <param name="PullPoliciesSet">Containers whose pull policy a restart of ours has set to <c>Always</c>, at any time.</param>
/// <param name="OpenRollouts">Those whose end is not known, oldest first.</param>
public sealed record StateSnapshot(
    IReadOnlyDictionary<ContainerId, Baseline> Baselines,
    IReadOnlyDictionary<ContainerId, LastDecision> Decisions,
    IReadOnlyList<QuarantinedDigest> Quarantine,
    IReadOnlySet<ContainerId> PullPoliciesSet,
    IReadOnlyList<Rollout> OpenRollouts);

/// <summary>What planning reads, and what a plan leaves behind.</summary>
public interface IPlanningState
{
    /// <summary>All that a cycle needs, once: who plans passes it on.</summary>
    Task<StateSnapshot> LoadAsync(CancellationToken cancellationToken);

    /// <summary>When each workload was last restarted by us, by uid.</summary>
    Task<IReadOnlyDictionary<string, DateTimeOffset>> LastRestartsAsync(CancellationToken cancellationToken);

    /// <summary>The plan, as much of it as is <see cref="RolloutPlan.Kept"/>, and everything that it changes in the state.</summary>
    Task SavePlanAsync(string id, RolloutPlan plan, string actor, JournalEntry entry, CancellationToken cancellationToken);

    /// <returns>Whether there is such a plan.</returns>
    Task<bool> SetPlanStatusAsync(string id, PlanStatus status, CancellationToken cancellationToken);

    /// <summary>Ends the quarantine that a rollout brought about, with a record.</summary>
    Task LiftQuarantineAsync(string rolloutId, string reason, string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Drops baselines, last decisions, overridden pull policies and quarantine of every workload that has, or had, this key: the next plan meets it as on first
    /// sight. What was done to it stays in the audit, and that it was forgotten is added.
    /// </summary>
    /// <returns>How many baselines were dropped; 0 when there was nothing to forget.</returns>
    Task<int> ForgetAsync(WorkloadKey workload, string actor, CancellationToken cancellationToken);
}
