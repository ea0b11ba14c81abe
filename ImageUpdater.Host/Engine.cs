using ImageUpdater.Core.Planning;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host;

/// <summary>The parts put together, the same for a command and for the controller.</summary>
/// <param name="Feeds">Null for a command, which reads the cluster once.</param>
internal sealed record Engine(Pipeline Pipeline, RolloutTracker Tracker, WorkloadFeeds? Feeds) : IAsyncDisposable
{
    /// <param name="instruments">Null for a command, which nobody scrapes.</param>
    public static Engine Create(
        ImageUpdaterOptions options, bool watches, ClusterClient kubernetes, RegistryClient registries, StateStore store, DockerConfig userConfig,
        Instruments? instruments, TimeProvider time, ILoggerFactory logging)
    {
        var planningOptions = new PlanningOptions
        {
            FirstSeen = options.Restarts.FirstSeen,
            PullPolicyAlways = options.Restarts.PullPolicyAlways,
            Self = options.Restarts.Self,
            Holds = options.Holding.With(options.Restarts.RolloutTimeout),
        };
        var credentials = new PullCredentials(
            kubernetes, new LocalCredentials(userConfig, options.Access.CredentialPlugins, options.Access.Warnings, time), options.Access.ReadPullSecrets,
            options.Access.PullSecretNamespaces);
        var planning = new PlanBuilder(kubernetes, new ManifestReader(registries, credentials, store.Observing), store.Planning, planningOptions, time);
        var settler = new Settler(kubernetes, store.Applying, time, logging.CreateLogger<Settler>());
        var finalizers = new FinalizerRemover(kubernetes, settler, store.Applying, instruments, time);
        var executor = new Executor(kubernetes, planning, settler, finalizers, store.Applying, instruments, time, logging.CreateLogger<Executor>());
        var images = new ImageObserver(
            new RegistryObserver(registries, time), registries, new CheckIntervals(options, registries), credentials, store.Observing, time);
        var feeds = watches ? new WorkloadFeeds(kubernetes, time, logging.CreateLogger<WorkloadFeed>()) : null;
        return new Engine(
            new Pipeline(settler, new ClusterReader(kubernetes, options.Checking.Namespaces, feeds), images, planning, executor, store.Planning, instruments),
            new RolloutTracker(kubernetes, store.Applying, store.Observing, options.Restarts.RolloutTimeout, time),
            feeds);
    }

    public async ValueTask DisposeAsync()
    {
        if (Feeds is not null)
            await Feeds.DisposeAsync();
    }
}
