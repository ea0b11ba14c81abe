using System.Collections.Concurrent;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Nodes;

namespace ImageUpdater.Host.Observing;

/// <summary>An informer per workload kind and namespace, created on first use, and one for the nodes.</summary>
internal sealed class Informers : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(WorkloadKind Kind, string Namespace), Informer<WorkloadSnapshot>> workloads = new();
    private readonly Action changed;
    private readonly ClusterClient kubernetes;
    private readonly TimeProvider time;
    private readonly ILogger<Informers> logger;

    /// <param name="changed">Called by any informer after a change that may affect a decision.</param>
    public Informers(Action changed, ClusterClient kubernetes, TimeProvider time, ILogger<Informers> logger)
    {
        (this.changed, this.kubernetes, this.time, this.logger) = (changed, kubernetes, time, logger);
        Nodes = Inform(Watched.Nodes(kubernetes));
    }

    public Informer<NodeSnapshot> Nodes { get; }

    /// <param name="namespace">Null for all namespaces.</param>
    public Informer<WorkloadSnapshot> Workloads(WorkloadKind kind, string? @namespace) =>
        workloads.GetOrAdd((kind, @namespace ?? ""), _ => Inform(Watched.Workloads(kubernetes, kind, @namespace)));

    /// <summary>The workload as last seen by an informer, without a request; null if no live informer has it.</summary>
    public WorkloadSnapshot? Find(WorkloadKey key, string uid) => Find(key.Kind, "", uid) ?? Find(key.Kind, key.Namespace, uid);

    public async ValueTask DisposeAsync()
    {
        await Nodes.DisposeAsync();
        foreach (var informer in workloads.Values)
            await informer.DisposeAsync();
    }

    private WorkloadSnapshot? Find(WorkloadKind kind, string @namespace, string uid) => workloads.GetValueOrDefault((kind, @namespace))?.Find(uid);

    private Informer<TItem> Inform<TItem>(Watched<TItem> watched)
        where TItem : class => new(watched, changed, time, logger);
}
