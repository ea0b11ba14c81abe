using ImageUpdater.Sandbox.Cluster.Api;
using ImageUpdater.Sandbox.Cluster.Nodes;
using ImageUpdater.Sandbox.Cluster.Objects;
using ImageUpdater.Sandbox.Cluster.Rollouts;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>Everything of one cluster but its HTTP server, wired up and running.</summary>
internal sealed class ClusterParts : IAsyncDisposable
{
    private const int Kubelets = 4;

    private readonly CancellationTokenSource stopping = new();
    private readonly ImageResolver resolver = new();
    private readonly Task[] loops;

    public ClusterParts(SandboxClusterOptions options)
    {
        TimeProvider time = options.TimeProvider;
        Timing = new ClusterTiming(time, options.RolloutStepDelay, options.TerminationDelay ?? options.RolloutStepDelay);
        Store = new ObjectStore(options.WatchHistory);
        Writer = new ObjectWriter(Store, time, options.LenientNamespaces);
        Deleter = new ObjectDeleter(Store, time);
        Access = new Access(options.Tokens, options.DefaultUser) { Forbidden = options.Forbidden };
        Continuations = new Continuations(Store, time, options.ContinueTokenLifetime);
        Puller = new ImagePuller(resolver);
        var scheduler = new Scheduler(Store);
        Kubelet = new Kubelet(Store, Writer, scheduler, Puller, Timing);
        var factory = new PodFactory(Writer, Deleter, scheduler);
        Controller = new RolloutController(Store, Writer, factory, scheduler, new PodIndex(), Rollouts, Timing);
        var namespaces = new NamespaceController(Store, Writer, Deleter, Timing);
        Api = new ApiServer(
            Access,
            Store,
            Writer,
            new ListHandler(Store, Continuations),
            new WatchHandler(Store, time, options.WatchBookmarkInterval),
            new WriteHandler(Writer, Deleter));

        Store.Changed = change =>
        {
            if (change.Object.Kind == ResourceKinds.Pods) Kubelet.Notice(change);
            Controller.Notice(change);
            namespaces.Notice(change);
        };
        IEnumerable<Func<CancellationToken, Task>> work = [Controller.RunAsync, namespaces.RunAsync, .. Enumerable.Repeat(Kubelet.RunAsync, Kubelets)];
        loops = [.. work.Select(loop => Task.Run(() => UntilStoppedAsync(loop)))];
    }

    public ClusterTiming Timing { get; }

    public ObjectStore Store { get; }

    public ObjectWriter Writer { get; }

    public ObjectDeleter Deleter { get; }

    public Access Access { get; }

    public Continuations Continuations { get; }

    public ImagePuller Puller { get; }

    public Kubelet Kubelet { get; }

    public RolloutController Controller { get; }

    public RolloutLog Rollouts { get; } = new();

    public ApiServer Api { get; }

    /// <summary>True when nothing waits to be done: all rollouts ended, all deleted pods gone.</summary>
    public bool Settled => Controller.Idle && Kubelet.Idle && Controller.Idle;

    /// <summary>Rethrows what broke a loop: a bug of the sandbox, which a test should see as such.</summary>
    public void ThrowIfBroken()
    {
        foreach (Task loop in loops.Where(loop => loop.IsFaulted)) loop.GetAwaiter().GetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(loops);
        resolver.Dispose();
        stopping.Dispose();
    }

    private async Task UntilStoppedAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The way these loops end.
        }
    }
}
