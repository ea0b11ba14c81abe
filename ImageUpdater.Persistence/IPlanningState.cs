using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence;

/// <summary>What planning reads, and what a plan leaves behind.</summary>
public interface IPlanningState
{
    Task<IReadOnlyDictionary<ContainerId, Baseline>> LoadBaselinesAsync(CancellationToken cancellationToken);

    /// <summary>The last decision about each container.</summary>
    Task<IReadOnlyDictionary<ContainerId, StandingDecision>> LoadDecisionsAsync(CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    Task<IReadOnlyList<QuarantinedDigest>> LoadQuarantineAsync(CancellationToken cancellationToken);

    /// <summary>Rollouts whose end is not known, oldest first.</summary>
    Task<IReadOnlyList<Rollout>> OpenRolloutsAsync(CancellationToken cancellationToken);

    /// <summary>When each workload was last restarted by us, by uid.</summary>
    Task<IReadOnlyDictionary<string, DateTimeOffset>> LastRestartsAsync(CancellationToken cancellationToken);

    /// <summary>The plan, as much of it as is <see cref="RolloutPlan.Kept"/>, and everything that it changes in the state.</summary>
    Task SavePlanAsync(string id, RolloutPlan plan, string actor, JournalEntry entry, CancellationToken cancellationToken);

    /// <returns>Whether there is such a plan.</returns>
    Task<bool> SetPlanStatusAsync(string id, PlanStatus status, CancellationToken cancellationToken);

    /// <summary>Ends the quarantine that a rollout brought about, with a record.</summary>
    Task LiftQuarantineAsync(string rolloutId, string reason, string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Drops baselines, last decisions and quarantine of every workload that has, or had, this key: the next plan meets it as on first
    /// sight. What was done to it stays in the audit, and that it was forgotten is added.
    /// </summary>
    /// <returns>How many baselines were dropped; 0 when there was nothing to forget.</returns>
    Task<int> ForgetAsync(WorkloadKey workload, string actor, CancellationToken cancellationToken);
}
