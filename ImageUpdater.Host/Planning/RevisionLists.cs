using System.Collections.Concurrent;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;

namespace ImageUpdater.Host.Planning;

/// <param name="ByUid">The revisions of each workload; empty if they could not be listed, in which case the planner works without them.</param>
internal sealed record RevisionReading(IReadOnlyDictionary<string, IReadOnlyList<RevisionSnapshot>> ByUid, IReadOnlyList<(WorkloadKey Workload, string Message)> Unlisted);

/// <summary>Reads the revisions of workloads that are seen for the first time and due for a restart, which are few.</summary>
internal sealed class RevisionLists(ClusterClient kubernetes)
{
    private const int ListsAtOnce = 8;

    public async Task<RevisionReading> ReadAsync(IEnumerable<WorkloadSnapshot> workloads, CancellationToken cancellationToken)
    {
        var byUid = new ConcurrentDictionary<string, IReadOnlyList<RevisionSnapshot>>(StringComparer.Ordinal);
        var unlisted = new ConcurrentBag<(WorkloadKey, string)>();
        await Parallel.ForEachAsync(workloads, new ParallelOptions { MaxDegreeOfParallelism = ListsAtOnce, CancellationToken = cancellationToken }, async (workload, cancellationToken) =>
        {
            var listed = await kubernetes.ListRevisionsAsync(workload, cancellationToken);
            byUid[workload.Uid] = listed.Value ?? [];
            if (listed.Failure is { } failure)
                unlisted.Add((workload.Key, failure.Message));
        });
        return new RevisionReading(byUid, [.. unlisted]);
    }
}
