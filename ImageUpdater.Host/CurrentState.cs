using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host;

/// <summary>Brings the state up to date with what has happened outside of it since the last cycle: lost responses, requests, rollouts that recovered or were reverted.</summary>
internal sealed class CurrentState(IntentRecoverer intents, RequestedRetries retries, QuarantineRelease quarantine, ReversalCheck reversals, IPlanningState store)
{
    /// <summary>Call before the cluster is read: a plan from outdated state would restart a workload a second time.</summary>
    public Task RecoverAsync(CancellationToken cancellationToken) => intents.RecoverAsync(cancellationToken);

    /// <summary>Call after the registry queries, during which rollouts may have ended.</summary>
    public async Task<StateSnapshot> LoadAsync(IReadOnlyList<WorkloadSnapshot> workloads, string actor, CancellationToken cancellationToken)
    {
        await retries.TakeAsync(cancellationToken);
        var state = await quarantine.ReleaseAsync(await store.LoadAsync(cancellationToken), workloads, actor, cancellationToken);
        return await reversals.CheckAsync(workloads, state.Baselines, cancellationToken) ? await store.LoadAsync(cancellationToken) : state;
    }

    /// <returns>The state if patches have turned out to have arrived since it was loaded, which may be why the plan has changes; else null.</returns>
    public async Task<StateSnapshot?> ReloadAsync(RolloutPlan plan, IReadOnlyList<WorkloadSnapshot> workloads, CancellationToken cancellationToken) =>
        await intents.RecoverLateAsync(plan, workloads, cancellationToken) ? await store.LoadAsync(cancellationToken) : null;
}
