using System.Diagnostics;
using ImageUpdater.Core.Images;
using ImageUpdater.Host;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Kubernetes;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Registry;
using ImageUpdater.Persistence;
using ImageUpdater.Sandbox;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.Benchmarks;

/// <summary>
/// A whole cycle with nothing to do and every image due, cluster and registry on loopback. Beside it, in the same run
/// and in turn, a bare HttpClient loop that sends the same HEADs at the same concurrency, since no other figure of a machine says much.
/// Once with a registry that answers at once, so that all our own work shows, and once with one that takes 5 ms, as one nearby does.
/// </summary>
internal static class CycleBenchmark
{
    private const int Runs = 11;

    /// <param name="shape">How many workloads there are, with how many containers each, on how many distinct images.</param>
    public static async Task RunAsync(Shape shape)
    {
        await using var cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(1) });
        await using var registry = await SandboxRegistry.StartAsync();
        for (var i = 0; i < shape.Images; i++)
            registry.PushImage($"app-{i}", "stable", $"content {i}");
        for (var i = 0; i < shape.Workloads; i++)
        {
            var containers = Enumerable.Range(0, shape.Containers).Select(c => ($"c{c}", registry.Reference($"app-{((i * shape.Containers) + c) % shape.Images}", "stable")));
            cluster.Apply(Manifests.Deployment($"web-{i}", [.. containers]).Enabled());
        }

        await cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(5));

        var folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
        var options = OptionsReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([
                new("ImageUpdater:State", Path.Combine(folder.FullName, "state.db")),
                new("ImageUpdater:Registries:0:Host", registry.Address),
                new("ImageUpdater:Registries:0:PlainHttp", "true"),
            ])
            .Build()).Value!;
        var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        cluster.WriteKubeconfig(kubeconfig);
        var connection = KubernetesConnection.Load(kubeconfig, context: null, _ => null).Value!;
        await using (var store = (await StateStore.OpenAsync(new StateStoreOptions { Path = options.State.Path }, TimeProvider.System, default)).Value!)
        {
            using var kubernetes = new KubernetesClient(connection, TimeProvider.System, NullLogger<KubernetesClient>.Instance);
            using var registries = new RegistryClient(options.Access.Registries, TimeProvider.System, NullLogger<RegistryClient>.Instance);
            await using var engine = Engine.Create(options, tellsEvents: true, watches: true, kubernetes, registries, store, DockerConfig.Empty, TimeProvider.System, NullLoggerFactory.Instance);
            var observer = new RegistryObserver(registries, TimeProvider.System);
            await MeasureAsync(shape, "that answers at once", engine, observer, registry, store, options.Access.Registries[0].MaxConcurrency);
            using var slow = registry.Faults.Add(new RegistryFault { Delay = TimeSpan.FromMilliseconds(5) });
            await MeasureAsync(shape, "that takes 5 ms", engine, observer, registry, store, options.Access.Registries[0].MaxConcurrency);
        }

        folder.Delete(recursive: true);
    }

    private static async Task MeasureAsync(
        Shape shape, string kind, Engine engine, RegistryObserver observer, SandboxRegistry registry, StateStore store, int concurrency)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = concurrency });
        var uris = Enumerable.Range(0, shape.Images).Select(i => new Uri(registry.Url, $"/v2/app-{i}/manifests/stable")).ToList();

        var images = Enumerable.Range(0, shape.Images).ToDictionary(
            i => ImageReference.Parse(registry.Reference($"app-{i}", "stable")).Value!, _ => (IReadOnlyList<RegistryCredential>)[]);

        // The first cycle adopts everything, the second warms up what only a quiet cycle does.
        await engine.Pipeline.ReconcileAsync("benchmark", Refresh.All, default);
        await engine.Pipeline.ReconcileAsync("benchmark", Refresh.All, default);
        await BareLoopAsync(http, uris, concurrency);

        var rowsBefore = (await store.RowCountsAsync(default)).Values.Sum();
        var cycles = new List<double>();
        var observing = new List<double>();
        var bare = new List<double>();
        var (heads, others) = (0, 0);
        for (var run = 0; run < Runs; run++)
        {
            var before = (registry.Requests.Count("HEAD"), registry.Requests.Count());
            cycles.Add(await TimeAsync(() => engine.Pipeline.ReconcileAsync("benchmark", Refresh.All, default)));
            heads = registry.Requests.Count("HEAD") - before.Item1;
            others = registry.Requests.Count() - before.Item2 - heads;
            observing.Add(await TimeAsync(() => observer.CheckAllAsync(images, progress: null, default)));
            bare.Add(await TimeAsync(() => BareLoopAsync(http, uris, concurrency)));
        }

        var rows = (await store.RowCountsAsync(default)).Values.Sum() - rowsBefore;
        Console.WriteLine($"cycle without change, {shape.Workloads} workloads, {shape.Workloads * shape.Containers} containers, {shape.Images} images, {concurrency} requests at once, a registry {kind}, median of {Runs}");
        Console.WriteLine($"  whole cycle {Median(cycles):0.0} ms, its requests {Median(observing):0.0} ms, bare HEADs {Median(bare):0.0} ms, own work {Median(cycles.Zip(observing, (cycle, requests) => cycle - requests)):0.0} ms");
        Console.WriteLine($"  request rate / bare loop's: {Median(bare.Zip(observing, (loop, ours) => loop / ours)):0.00}; whole cycle / bare loop: {Median(cycles.Zip(bare, (cycle, loop) => cycle / loop)):0.00}");
        Console.WriteLine($"  {heads} HEADs and {others} other requests to the registry a cycle, {rows} rows added over {Runs} cycles");
    }

    private static async Task BareLoopAsync(HttpClient http, IReadOnlyList<Uri> uris, int concurrency) => await Parallel.ForEachAsync(
        uris,
        new ParallelOptions { MaxDegreeOfParallelism = concurrency },
        async (uri, ct) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, uri);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!Digest.TryParse(answer.Headers.GetValues("Docker-Content-Digest").Single(), out _))
                throw new InvalidOperationException($"{uri} has no digest");
        });

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalMilliseconds;
    }

    internal sealed record Shape(int Workloads, int Containers, int Images);

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Runs / 2);
}
