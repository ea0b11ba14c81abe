using ImageUpdater.Sandbox.Cluster.Api;
using ImageUpdater.Sandbox.Cluster.Nodes;
using ImageUpdater.Sandbox.Cluster.Rollouts;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Cluster.Writing;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>The parts of a cluster except its HTTP server, wired up and running.</summary>
internal sealed class ControlPlane : IDisposable
{
    private readonly ImageResolver resolver = new();
    private readonly WorkQueue queue;
    private readonly Kubelet kubelet;
    private readonly RolloutController controller;

    public ControlPlane(SandboxClusterOptions options)
    {
        Timing = new ClusterTiming(options.TimeProvider, options.RolloutStepDelay);
        Store = new ObjectStore { Changed = Notice };
        Writer = new ObjectWriter(Store, Timing);
        Puller = new ImagePuller(resolver);
        Api = new ApiServer(Access, Store, Writer, new Watches(Store, Timing.Time));
        queue = new WorkQueue(Timing.Time, ReconcileAsync);
        var scheduler = new Scheduler(Store);
        kubelet = new Kubelet(Store, Writer, scheduler, Puller, Timing);
        controller = new RolloutController(Store, Writer, scheduler, Rollouts, Timing);
    }

    public ClusterTiming Timing { get; }

    public ObjectStore Store { get; }

    public ObjectWriter Writer { get; }

    public ImagePuller Puller { get; }

    public Access Access { get; } = new();

    public ApiServer Api { get; }

    public RolloutLog Rollouts { get; } = new();

    /// <summary>True if there is nothing left to do: all rollouts have ended, and all deleted pods are gone.</summary>
    public bool Settled => queue.Idle;

    /// <summary>Throws if a controller has failed, so that a test reports it as a bug in the sandbox.</summary>
    public void ThrowIfBroken()
    {
        if (queue.Failure is { } bug) throw new InvalidOperationException("a sandbox controller failed", bug);
    }

    public void Dispose()
    {
        queue.Dispose();
        resolver.Dispose();
    }

    /// <summary>Queues the objects affected by a change. Called under the store's lock.</summary>
    private void Notice(StoreEvent change)
    {
        var (changed, previous) = (change.Object, change.Previous);
        var goes = changed.Deleting && previous is { Deleting: false };
        if (changed.Key.Kind == ResourceKind.Pods)
        {
            if (previous is null || goes) queue.Add(changed.Key, Timing.Step);
            if (changed.Owner is { } owner) queue.Add(owner, TimeSpan.Zero);
        }
        else if (changed.Key.Kind.IsWorkload && (change.Deleted || goes || previous?.Generation != changed.Generation))
        {
            controller.Notice(changed);
            queue.Add(changed.Key, Timing.Step);
        }
        else if (changed.Key.Kind == ResourceKind.Nodes && (change.Deleted || previous is null))
        {
            foreach (var set in Store.List(ResourceKind.DaemonSets).Objects) queue.Add(set.Key, Timing.Step);
        }
    }

    private async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken) =>
        key.Kind == ResourceKind.Pods ? await kubelet.ReconcileAsync(key, cancellationToken) : controller.Reconcile(key);
}
