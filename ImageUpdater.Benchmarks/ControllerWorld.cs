using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.Benchmarks;

/// <summary>1,000 workloads on 200 images: cluster and registry on loopback in this process, for a controller that is a process of its own.</summary>
internal sealed class ControllerWorld : IAsyncDisposable
{
    private const int Workloads = 1_000;
    private const int Images = 200;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
    private readonly SandboxCluster cluster;
    private readonly SandboxRegistry registry;
    private int stores;

    private ControllerWorld(SandboxCluster cluster, SandboxRegistry registry)
    {
        this.cluster = cluster;
        this.registry = registry;
        cluster.WriteKubeconfig(Kubeconfig);
    }

    public HttpClient Http { get; } = new() { BaseAddress = new Uri($"http://127.0.0.1:{ControllerProcess.Port}") };

    private string Kubeconfig => Path.Combine(folder.FullName, "kubeconfig");

    public static async Task<ControllerWorld> StartAsync(string program)
    {
        var world = new ControllerWorld(
            await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(1) }), await SandboxRegistry.StartAsync());
        for (var i = 0; i < Images; i++)
            world.registry.PushImage($"app-{i}", "stable", $"content {i}");
        for (var i = 0; i < Workloads; i++)
            world.cluster.Apply(Manifests.Deployment($"web-{i}", ("web", world.registry.Reference($"app-{i % Images}", "stable"))).Enabled());
        await world.cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
        Console.WriteLine($"{program} run, {Workloads} workloads, {Images} images, {Environment.ProcessorCount} cores");
        return world;
    }

    /// <summary>Deployments as they are after kubectl apply, which has written each manifest into an annotation.</summary>
    public async Task AddNotEnabledAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var workload = Manifests.Deployment($"other-{i}", ("web", registry.Reference("app-0", "stable"))).Replicas(0);
            workload["metadata"]!["annotations"] = new JsonObject { ["kubectl.kubernetes.io/last-applied-configuration"] = new string('x', 3_000) };
            cluster.Apply(workload);
        }

        await cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(5));
    }

    /// <summary>Of a file that is not there yet.</summary>
    public string NewStore() => Path.Combine(folder.FullName, $"state-{++stores}.db");

    public ControllerProcess Start(string program, string store) => ControllerProcess.Start(program, Kubeconfig, store, registry.Address);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await registry.DisposeAsync();
        await cluster.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
