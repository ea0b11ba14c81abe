using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Sandbox;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>The observer with a store, a registry and a clock that the test moves. Starting it again simulates another process with the same store.</summary>
internal sealed class ObserverUnderTest : IAsyncDisposable
{
    private readonly DirectoryInfo folder;
    private readonly ImageUpdaterOptions options;
    private readonly PullSecrets? secrets;
    private readonly RegistryPatience patience;
    private RegistryClient client;
    private ImageObserver observer;

    private ObserverUnderTest(SandboxRegistry registry, StateStore store, ImageUpdaterOptions options, ImpatientClock clock, DirectoryInfo folder, ClusterClient? cluster, RegistryPatience patience)
    {
        (Registry, Store, this.options, Clock, this.folder, this.patience) = (registry, store, options, clock, folder, patience);
        secrets = cluster is null ? null : new PullSecrets(cluster, clock);
        (client, observer, Manifests) = Connect();
    }

    public SandboxRegistry Registry { get; }

    public Instruments Instruments { get; } = new();

    public LateRegistries Late => field ??= new LateRegistries(Instruments);

    public StateStore Store { get; }

    public ImpatientClock Clock { get; }

    public ManifestReader Manifests { get; private set; }

    public List<WorkloadSnapshot> Workloads { get; } = [];

    public RegistryStatus? Status => client.StatusOf(Registry.Address);

    public static async Task<ObserverUnderTest> StartAsync(
        TimeSpan? ownInterval = null, int atOnce = 1, SandboxRegistryOptions? sandbox = null, ClusterClient? cluster = null, TimeSpan? patience = null)
    {
        var registry = await SandboxRegistry.StartAsync(sandbox);
        var clock = new ImpatientClock();
        var directory = Directory.CreateTempSubdirectory("image-updater-observer-");
        var configured = OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ImageUpdater:State"] = Path.Combine(directory.FullName, "state.db"),
            ["ImageUpdater:Registries:0:Host"] = registry.Address,
            ["ImageUpdater:Registries:0:PlainHttp"] = "true",
            ["ImageUpdater:Registries:0:MaxConcurrency"] = $"{atOnce}",
            ["ImageUpdater:Registries:0:Interval"] = ownInterval?.ToString(),
        }).Build()).Value!;
        var opened = await StateStore.OpenAsync(new StateStoreOptions { Path = configured.State.Path }, clock, CancellationToken.None);
        return new ObserverUnderTest(registry, opened.Value!, configured, clock, directory, cluster, new RegistryPatience(patience ?? TimeSpan.FromSeconds(30)));
    }

    /// <summary>Pushes the images and adds a workload with one container for each.</summary>
    public void Add(string workload, params string[] names)
    {
        foreach (var name in names)
            Registry.PushImage(name, "latest", "first");
        Workloads.Add(new WorkloadSnapshot
        {
            Key = new WorkloadKey("shop", WorkloadKind.Deployment, workload),
            Uid = workload,
            ResourceVersion = "1",
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [Annotations.Enabled] = "true" },
            Containers = [.. names.Select(name => new ContainerSpec(name, Image(name).ToString(), Image(name), "Always"))],
            Status = new RolloutStatus { Generation = 1, ObservedGeneration = 1 },
        });
    }

    public ImageReference Image(string name) => ImageReference.Parse(Registry.Reference(name, "latest")).Value!;

    /// <summary>The observations, and the names of the requested images, in order.</summary>
    public async Task<(ImageObservations Seen, IReadOnlyList<string> Asked)> ObserveAsync(Refresh refresh, params CheckSelection[] selections)
    {
        Registry.Requests.Clear();
        var seen = await observer.ObserveAsync(Workloads, refresh, selections, progress: null, CancellationToken.None);
        return (seen, [.. Registry.Requests.All.Where(request => request.Path.StartsWith("/v2/", StringComparison.Ordinal)).Select(request => request.Path.Split('/')[2]).Order(StringComparer.Ordinal)]);
    }

    public async Task<ImageState> StateAsync(string name) => (await Store.Observing.LoadImagesAsync(CancellationToken.None))[Image(name)];

    /// <summary>Moves the clock to the time at which this image is due, or just before.</summary>
    public async Task AdvanceToAsync(string name, TimeSpan before = default) =>
        Clock.Advance((await StateAsync(name)).NextCheck!.Value - Clock.GetUtcNow() - before);

    public void StartAgain()
    {
        client.Dispose();
        (client, observer, Manifests) = Connect();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        Instruments.Dispose();
        await Store.DisposeAsync();
        await Registry.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private (RegistryClient Client, ImageObserver Observer, ManifestReader Manifests) Connect()
    {
        var registries = new RegistryClient(options.Access.Registries, Clock, NullLogger<RegistryClient>.Instance);
        var credentials = new PullCredentials(secrets, new LocalCredentials(DockerConfig.Empty, [], [], Clock), readSecrets: true, []);
        var intervals = new CheckIntervals(options.Checking, options.Access, registries);
        var checks = new RegistryObserver(registries, patience, Clock, NullLogger<RegistryObserver>.Instance);
        return (registries, new ImageObserver(checks, registries, intervals, credentials, Late, Store.Observing, Store.Upkeep, Clock),
            new ManifestReader(registries, credentials, intervals, Late, patience, Store.Observing, Clock, NullLogger<ManifestReader>.Instance));
    }
}
