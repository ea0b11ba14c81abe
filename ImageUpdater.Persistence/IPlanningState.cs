using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence;

/// <summary>The stored state that a plan is made from.</summary>
/// <param name="Decisions">The last decision about each container.</param>
/// <param name="Quarantine">Quarantined digests, oldest first.</param>
/// <param name="PullPoliciesSet">Containers whose pull policy a restart by ImageUpdater has ever set to <c>Always</c>.</param>
/// <param name="OpenRollouts">Rollouts in the state Intended or Running, oldest first.</param>
/// <param name="Paces">The pace of each rollout that a container without a baseline waits for, by workload uid.</param>
public sealed record StateSnapshot(
    IReadOnlyDictionary<ContainerId, Baseline> Baselines,
    IReadOnlyDictionary<ContainerId, LastDecision> Decisions,
    IReadOnlyList<QuarantinedDigest> Quarantine,
    IReadOnlySet<ContainerId> PullPoliciesSet,
    IReadOnlyList<Rollout> OpenRollouts,
    IReadOnlyDictionary<string, RolloutPace> Paces);

/// <summary>State of planning.</summary>
public interface IPlanningState
{
    /// <summary>Loads everything that a plan needs from the state.</summary>
    Task<StateSnapshot> LoadAsync(CancellationToken cancellationToken);

    /// <summary>The time of each workload's last restart by ImageUpdater, by uid.</summary>
    Task<IReadOnlyDictionary<string, DateTimeOffset>> LastRestartsAsync(CancellationToken cancellationToken);

    /// <summary>The start of the last rollout in each namespace, except those that a clock that was wrong has put after <paramref name="now"/>.</summary>
    Task<IReadOnlyDictionary<string, DateTimeOffset>> LastServedAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>For each of these digests, the namespaces in which a rollout of it was verified.</summary>
    Task<IReadOnlyDictionary<Digest, IReadOnlySet<string>>> VerifiedInAsync(IReadOnlySet<Digest> digests, CancellationToken cancellationToken);

    /// <summary>The newest observations of each of these images, at most <paramref name="limit"/>, newest first.</summary>
    Task<IReadOnlyDictionary<ObservedImage, IReadOnlyList<Observation>>> ObservationsAsync(
        IReadOnlyCollection<ObservedImage> images, int limit, CancellationToken cancellationToken);

    /// <summary>Stores the plan, reduced to <see cref="RolloutPlan.Kept"/>, and the decisions, baselines and audit records of the entry.</summary>
    Task SavePlanAsync(string id, RolloutPlan plan, string actor, JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>Stores what changed in a plan without news, which is not stored itself.</summary>
    Task SaveDecisionsAsync(RolloutPlan plan, JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>The id of the newest stored plan with the scope; null if there is none.</summary>
    Task<string?> NewestPlanAsync(PlanScope scope, CancellationToken cancellationToken);

    /// <summary>Stores how far the rollouts have come that containers wait for, by workload uid; null deletes it. Unknown workloads are left out.</summary>
    Task SavePacesAsync(IReadOnlyDictionary<string, RolloutPace?> paces, CancellationToken cancellationToken);

    /// <returns>False if there is no plan with this id.</returns>
    Task<bool> SetPlanStatusAsync(string id, PlanStatus status, CancellationToken cancellationToken);

    /// <summary>Lifts the quarantine that a failed rollout caused, and adds audit records.</summary>
    Task LiftQuarantineAsync(string rolloutId, string reason, string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Releases every held digest of a workload with this key, and adds audit records. One that is still its container's baseline is rolled out
    /// again by the next plan; the others are no longer held.
    /// </summary>
    /// <returns>The number of digests that were held.</returns>
    Task<int> RetryAsync(WorkloadKey workload, string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes baselines, last decisions, overridden pull policies and quarantine of every workload that has or had this key, so that the next
    /// plan treats it as first seen. Adds an audit record; earlier audit records stay.
    /// </summary>
    /// <returns>The number of deleted baselines.</returns>
    Task<int> ForgetAsync(WorkloadKey workload, string actor, CancellationToken cancellationToken);
}
