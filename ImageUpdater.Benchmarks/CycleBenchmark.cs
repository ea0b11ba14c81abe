using System.Diagnostics;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Host;
using ImageUpdater.Host.Commands;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Planning;
using ImageUpdater.Persistence.Store;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Bodies;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Sandbox;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace ImageUpdater.Benchmarks;

/// <summary>
/// A whole cycle with nothing to do and every image due, cluster and registry on loopback. Beside it, in the same run
/// and in turn, a bare HttpClient loop that sends the same HEADs at the same concurrency, since no other figure of a machine says much.
/// The registry is Debian's docker-registry where it is installed; and, so that all our own work shows, one that answers out of memory at once, and
/// one that takes 5 ms, as one nearby does.
/// </summary>
internal static class CycleBenchmark
{
    private const int Runs = 11;
    private const int WarmUps = 20;

    /// <param name="shape">How many workloads there are, with how many containers each, on how many distinct images.</param>
    public static async Task RunAsync(Shape shape)
    {
        if (DebianRegistry.IsInstalled)
        {
            await using var debian = await DebianRegistry.StartAsync();
            for (var i = 0; i < shape.Images; i++)
                await debian.PushAsync($"app-{i}", "stable", $"content {i}");
            await RunAsync(shape, debian.Address, requests: null, ("Debian's docker-registry", null));
        }
        else
        {
            Console.WriteLine("docker-registry is not installed: measured against the Sandbox's registry only");
        }

        await using var registry = await SandboxRegistry.StartAsync();
        for (var i = 0; i < shape.Images; i++)
            registry.PushImage($"app-{i}", "stable", $"content {i}");
        await RunAsync(
            shape, registry.Address, registry.Requests,
            ("a registry that answers at once", null),
            ("a registry that takes 5 ms", () => registry.Faults.Add(new RegistryFault { Delay = TimeSpan.FromMilliseconds(5) })));
    }

    private static async Task RunAsync(Shape shape, string registry, RequestLog? requests, params (string Name, Func<IDisposable>? Make)[] conditions)
    {
        await using var cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(1) });
        for (var i = 0; i < shape.Workloads; i++)
        {
            var containers = Enumerable.Range(0, shape.Containers).Select(c => ($"c{c}", $"{registry}/app-{((i * shape.Containers) + c) % shape.Images}:stable"));
            cluster.Apply(Manifests.Deployment($"web-{i}", [.. containers]).Enabled());
        }

        await cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(5));

        var folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
        var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        cluster.WriteKubeconfig(kubeconfig);
        var environment = new Dictionary<string, string> { ["ImageUpdater__Registries__0__Host"] = registry, ["ImageUpdater__Registries__0__PlainHttp"] = "true" };
        await using (var app = RunCommand.Build(new Call("benchmark", environment, Path.Combine(folder.FullName, "state.db"), kubeconfig)))
        {
            foreach (var (name, make) in conditions)
            {
                using var condition = make?.Invoke();
                await MeasureAsync(shape, name, app.Services, registry, requests);
            }
        }

        folder.Delete(recursive: true);
    }

    private static async Task MeasureAsync(
        Shape shape, string kind, IServiceProvider services, string registry, RequestLog? requests)
    {
        var pipeline = services.GetRequiredService<Pipeline>();
        var observer = services.GetRequiredService<RegistryObserver>();
        var store = services.GetRequiredService<StateStore>();
        var concurrency = services.GetRequiredService<AccessOptions>().Registries[0].MaxConcurrency;
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = concurrency });
        var uris = Enumerable.Range(0, shape.Images).Select(i => new Uri($"http://{registry}/v2/app-{i}/manifests/stable")).ToList();
        var images = Enumerable.Range(0, shape.Images)
            .Select(i => new ImageToAsk(ImageReference.Parse($"{registry}/app-{i}:stable").Value!, [new CandidateGroup([Reader.Shared], [])])).ToList();

        // The first cycle adopts everything; the others until the code is compiled for good, as it is for all but the first hours of a controller.
        for (var i = 0; i < WarmUps; i++)
        {
            await pipeline.ReconcileAsync(new PlanRequest("benchmark"), default);
            await BareLoopAsync(http, uris, concurrency);
        }

        var rowsBefore = Rows(store.Path);
        var cycles = new List<double>();
        var observing = new List<double>();
        var bare = new List<double>();
        var (heads, others) = (0, 0);
        for (var run = 0; run < Runs; run++)
        {
            var before = (Heads: requests?.Count("HEAD") ?? 0, All: requests?.Count() ?? 0);
            cycles.Add(await TimeAsync(() => pipeline.ReconcileAsync(new PlanRequest("benchmark"), default)));
            heads = (requests?.Count("HEAD") ?? 0) - before.Heads;
            others = (requests?.Count() ?? 0) - before.All - heads;
            bare.Add(await TimeAsync(() => BareLoopAsync(http, uris, concurrency)));
            observing.Add(await TimeAsync(() => observer.CheckAllAsync(images, progress: null, default)));
        }

        var rows = Rows(store.Path) - rowsBefore;
        Console.WriteLine($"cycle without change, {shape.Workloads} workloads, {shape.Workloads * shape.Containers} containers, {shape.Images} images, {concurrency} requests at once, {kind}, median of {Runs}");
        Console.WriteLine($"  whole cycle {Median(cycles):0.0} ms, its requests {Median(observing):0.0} ms, bare HEADs {Median(bare):0.0} ms, own work {Median(cycles.Zip(observing, (cycle, asked) => cycle - asked)):0.0} ms");
        Console.WriteLine($"  whole cycle / bare loop: {Median(cycles.Zip(bare, (cycle, loop) => cycle / loop)):0.00} (its requests alone: {Median(bare.Zip(observing, (loop, ours) => ours / loop)):0.00})");
        Console.WriteLine(requests is null ? $"  {rows} rows added over {Runs} cycles" : $"  {heads} HEADs and {others} other requests to the registry a cycle, {rows} rows added over {Runs} cycles");
    }

    private static long Rows(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat('SELECT count(*) AS n FROM \"' || name || '\"', ' UNION ALL ') FROM sqlite_schema WHERE type = 'table'";
#pragma warning disable CA2100 // Names of our own tables.
        command.CommandText = $"SELECT sum(n) FROM ({command.ExecuteScalar()})";
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }

    private static async Task BareLoopAsync(HttpClient http, IReadOnlyList<Uri> uris, int concurrency) => await Parallel.ForEachAsync(
        uris,
        new ParallelOptions { MaxDegreeOfParallelism = concurrency },
        async (uri, cancellationToken) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, uri) { Headers = { { "Accept", ManifestScan.MediaTypes } } };
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
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
