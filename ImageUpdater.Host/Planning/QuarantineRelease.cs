using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Planning;

/// <summary>Releases held digests that their workload's pods run after all. Reads the pods of such workloads only.</summary>
internal sealed class QuarantineRelease(ClusterClient kubernetes, IObservingState observed, IPlanningState store)
{
    private readonly PodLists podLists = new(kubernetes);

    /// <returns>The state without what was released.</returns>
    public async Task<StateSnapshot> ReleaseAsync(StateSnapshot state, IReadOnlyList<WorkloadSnapshot> workloads, string actor, CancellationToken cancellationToken)
    {
        var candidates = Quarantine.Candidates(state.Quarantine, workloads);
        if (candidates.Count == 0)
            return state;

        var pods = await podLists.ReadAsync(candidates, cancellationToken);
        var known = await KnownManifests.LoadAsync(observed, state.Quarantine.Select(entry => entry.Digest).Distinct(), cancellationToken);
        var recovered = Quarantine.Recovered(state.Quarantine, candidates, pods.ByUid, known);
        foreach (var rollout in recovered)
            await store.LiftQuarantineAsync(rollout, "all pods run it", actor, cancellationToken);
        return state with { Quarantine = [.. state.Quarantine.Where(entry => !recovered.Contains(entry.RolloutId))] };
    }
}
