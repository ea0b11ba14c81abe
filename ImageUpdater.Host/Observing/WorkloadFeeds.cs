using System.Collections.Concurrent;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;

namespace ImageUpdater.Host.Observing;

/// <summary>A feed for each kind and namespace that is looked at, from the first look on.</summary>
/// <param name="changed">Is called when there is something new to decide about, by whichever feed saw it.</param>
internal sealed class WorkloadFeeds(Action changed, ClusterClient kubernetes, TimeProvider time, ILogger<WorkloadFeed> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(WorkloadKind Kind, string Namespace), WorkloadFeed> feeds = new();

    /// <param name="namespace">Null for all.</param>
    public WorkloadFeed Of(WorkloadKind kind, string? @namespace) =>
        feeds.GetOrAdd((kind, @namespace ?? ""), _ => new WorkloadFeed(kubernetes, kind, @namespace, changed, time, logger));

    public async ValueTask DisposeAsync()
    {
        foreach (var feed in feeds.Values)
            await feed.DisposeAsync();
    }
}
