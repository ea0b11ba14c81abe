using ImageUpdater.Sandbox;

namespace ImageUpdater.Benchmarks;

/// <summary>The most memory that the program takes with registries that send what takes the most, beside a friendly one with as many images.</summary>
internal static class HostileBenchmark
{
    private const int Images = 200;
    private const int Port = 18_081;

    // The answers of several are read at the same time, each with the limits of its own.
    private const int Hostile = 8;
    private const int LeastBodies = 1000;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(120);

    public static async Task RunAsync(string program)
    {
        Console.WriteLine($"{program} run, {Images} images, a check of each every 5 s for {Time.TotalSeconds:0} s, {Environment.ProcessorCount} cores");
        double friendly, hostile;
        await using (var registry = await SandboxRegistry.StartAsync())
        {
            for (var i = 0; i < Images; i++)
                registry.PushImage($"app-{i}", "stable", $"content {i}");
            friendly = await PeakAsync(program, [registry.Address]);
        }

        using (var registry = HostileRegistry.Start(Port, Hostile))
        {
            hostile = await PeakAsync(program, registry.Addresses);
            Console.WriteLine($"  {registry.Requests} requests to the hostile registries, {registry.Bodies} of them for bodies");
            if (registry.Bodies < LeastBodies)
                throw new InvalidOperationException($"fewer than {LeastBodies} bodies were requested, so that the figures say nothing: is the machine busy?");
        }

        Console.WriteLine($"  peak of private memory: friendly {friendly:0} MB, hostile {hostile:0} MB, {hostile - friendly:0} MB more");
    }

    private static async Task<double> PeakAsync(string program, IReadOnlyList<string> registries)
    {
        await using var cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(1) });
        var folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
        var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        cluster.WriteKubeconfig(kubeconfig);
        for (var i = 0; i < Images; i++)
            cluster.Apply(Manifests.Deployment($"web-{i}", ("web", $"{registries[i % registries.Count]}/app-{i}:stable")).Enabled());

        var peak = 0d;
        await using (var controller = ControllerProcess.Start(program, kubeconfig, Path.Combine(folder.FullName, "state.db"), registries))
        {
            using var ended = new CancellationTokenSource(Time, TimeProvider.System);
            while (!ended.IsCancellationRequested)
            {
                peak = Math.Max(peak, controller.PrivateMegabytes());
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }

            Console.WriteLine($"  {string.Join(", ", registries)}: {controller.Memory()}");
        }

        folder.Delete(recursive: true);
        return peak;
    }
}
