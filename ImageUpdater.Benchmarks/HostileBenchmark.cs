using ImageUpdater.Sandbox;

namespace ImageUpdater.Benchmarks;

/// <summary>The most memory that the program takes with a registry that sends what takes the most, beside a friendly one with the same images.</summary>
internal static class HostileBenchmark
{
    private const int Images = 200;
    private const int Port = 18_081;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(string program)
    {
        Console.WriteLine($"{program} run, {Images} images, a check of each every 5 s for {Time.TotalSeconds:0} s, {Environment.ProcessorCount} cores");
        double friendly, hostile;
        await using (var registry = await SandboxRegistry.StartAsync())
        {
            for (var i = 0; i < Images; i++)
                registry.PushImage($"app-{i}", "stable", $"content {i}");
            friendly = await PeakAsync(program, registry.Address);
        }

        using (var registry = HostileRegistry.Start(Port))
        {
            hostile = await PeakAsync(program, registry.Address);
            Console.WriteLine($"  {registry.Requests} requests to the hostile registry, {registry.Bodies} of them for bodies");
        }

        Console.WriteLine($"  peak of private memory: friendly {friendly:0} MB, hostile {hostile:0} MB, {hostile - friendly:0} MB more");
    }

    private static async Task<double> PeakAsync(string program, string registry)
    {
        await using var cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(1) });
        var folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
        var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        cluster.WriteKubeconfig(kubeconfig);
        for (var i = 0; i < Images; i++)
            cluster.Apply(Manifests.Deployment($"web-{i}", ("web", $"{registry}/app-{i}:stable")).Enabled());

        var peak = 0d;
        await using (var controller = ControllerProcess.Start(program, kubeconfig, Path.Combine(folder.FullName, "state.db"), registry))
        {
            using var ended = new CancellationTokenSource(Time, TimeProvider.System);
            while (!ended.IsCancellationRequested)
            {
                peak = Math.Max(peak, controller.PrivateMegabytes());
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }

            Console.WriteLine($"  {registry}: {controller.Memory()}");
        }

        folder.Delete(recursive: true);
        return peak;
    }
}
