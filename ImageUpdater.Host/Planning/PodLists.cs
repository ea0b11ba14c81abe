using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.Host.Planning;

/// <param name="ByUid">The pods of each workload; empty if they could not be listed, in which case the planner works without them.</param>
internal sealed record PodReading(IReadOnlyDictionary<string, IReadOnlyList<PodSnapshot>> ByUid, IReadOnlyList<(WorkloadSnapshot Workload, KubernetesFailure Failure)> Unlisted);

/// <summary>
/// Reads the pods of workloads. For many workloads of one namespace, as in the first cycle, its pods are listed once instead of once per
/// workload.
/// </summary>
internal sealed class PodLists(ClusterClient kubernetes)
{
    // From this number on, one list of the namespace costs the API server less than the separate lists, even with unrelated pods.
    private const int Many = 20;
    private const int ListsAtOnce = 8;

    public async Task<PodReading> ReadAsync(IEnumerable<WorkloadSnapshot> workloads, CancellationToken cancellationToken)
    {
        var byUid = new Dictionary<string, IReadOnlyList<PodSnapshot>>(StringComparer.Ordinal);
        var unlisted = new List<(WorkloadSnapshot, KubernetesFailure)>();
        var lists = workloads.GroupBy(workload => workload.Key.Namespace, StringComparer.Ordinal)
            .SelectMany(workloadsOf => workloadsOf.Count() < Many ? workloadsOf.Chunk(1) : [[.. workloadsOf]]);
        await Parallel.ForEachAsync(lists, new ParallelOptions { MaxDegreeOfParallelism = ListsAtOnce, CancellationToken = cancellationToken }, async (list, cancellationToken) =>
        {
            var @namespace = list[0].Key.Namespace;
            var listed = list is [var only]
                ? await kubernetes.ListPodsAsync(@namespace, only.PodSelector, cancellationToken)
                : await kubernetes.ListAllPodsAsync(@namespace, cancellationToken);
            var byOwner = listed.Value?.ToLookup(RunningDigests.OwnerOf, StringComparer.Ordinal);
            lock (byUid)
            {
                foreach (var workload in list)
                    byUid[workload.Uid] = byOwner?[RunningDigests.OwnerOf(workload)].ToList() ?? [];
                if (listed.Failure is { } failure)
                    unlisted.AddRange(list.Select(workload => (workload, failure)));
            }
        });
        return new PodReading(byUid, unlisted);
    }
}
