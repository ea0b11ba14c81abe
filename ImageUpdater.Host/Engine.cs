using ImageUpdater.Core.Planning;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;
using ImageUpdater.Persistence;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host;

/// <summary>The parts put together, the same for a command and for the controller.</summary>
/// <param name="Events">Null where none are wanted. At the end they get a moment to be sent.</param>
/// <param name="Feeds">Null for a command, which reads the cluster once.</param>
internal sealed record Engine(Pipeline Pipeline, RolloutTracker Tracker, WorkloadEvents? Events, Informers? Feeds) : IAsyncDisposable
{
    /// <param name="instruments">Null for a command, which nobody scrapes.</param>
    public static Engine Create(
        ImageUpdaterOptions options, bool tellsEvents, bool watches, ClusterClient kubernetes, RegistryClient registries, StateStore store, DockerConfig userConfig,
        Instruments? instruments, TimeProvider time, ILoggerFactory logging)
    {
        var events = tellsEvents ? new WorkloadEvents(SendAsync, instruments, time, logging.CreateLogger<WorkloadEvents>()) : null;
        store.Written = new AuditFeed(events, instruments, logging.CreateLogger<AuditFeed>()).Tell;
        var planningOptions = new PlanningOptions
        {
            FirstSeen = options.Restarts.FirstSeen,
            PullPolicyAlways = options.Restarts.PullPolicyAlways,
            Self = options.Restarts.Self,
            Holds = options.Holding.With(options.Restarts.RolloutTimeout),
        };
        var credentials = new PullCredentials(
            new PullSecrets(kubernetes, time), new LocalCredentials(userConfig, options.Access.CredentialPlugins, options.Access.Warnings, time), options.Access.ReadPullSecrets,
            options.Access.PullSecretNamespaces);
        var planning = new PlanBuilder(kubernetes, new ManifestReader(registries, credentials, store.Observing), store.Planning, planningOptions, time);
        var settler = new Settler(kubernetes, store.Applying, time, logging.CreateLogger<Settler>());
        var finalizers = new FinalizerRemover(kubernetes, settler, store.Applying, instruments, time);
        var executor = new Executor(kubernetes, planning, settler, finalizers, store.Applying, instruments, time, logging.CreateLogger<Executor>());
        var images = new ImageObserver(
            new RegistryObserver(registries, time), registries, new CheckIntervals(options, registries), credentials, store.Observing, time);
        var feeds = watches ? new Informers(kubernetes, time, logging.CreateLogger<Informers>()) : null;
        return new Engine(
            new Pipeline(settler, new ClusterReader(kubernetes, options.Checking.Namespaces, feeds), images, planning, executor, store.Planning),
            new RolloutTracker(kubernetes, feeds, store.Applying, store.Observing, options.Restarts.RolloutTimeout, time),
            events,
            feeds);

        async Task<KubernetesFailure?> SendAsync(WorkloadEvent told, CancellationToken ct) => (await kubernetes.CreateEventAsync(told, ct)).Failure;
    }

    public async ValueTask DisposeAsync()
    {
        if (Feeds is not null)
            await Feeds.DisposeAsync();
        if (Events is not null)
            await Events.DisposeAsync();
    }
}
