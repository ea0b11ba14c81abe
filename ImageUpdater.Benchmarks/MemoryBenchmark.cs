using System.Diagnostics;
using System.Globalization;
using ImageUpdater.Sandbox;

namespace ImageUpdater.Benchmarks;

/// <summary>
/// <c>run</c> as a process of its own, with the settings of the container image: 1,000 workloads on 200 images, cluster and registry on
/// loopback in this process. Linux only: the figures are those of /proc.
/// </summary>
internal static class MemoryBenchmark
{
    private const int Workloads = 1_000;
    private const int Images = 200;
    private const int Cycles = 10;
    private const int Port = 18_080;

    // What the Dockerfile sets, and an interval that leaves the process idle between cycles.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("DOTNET_TieredCompilation", "0"), ("DOTNET_gcConcurrent", "0"), ("DOTNET_EnableDiagnostics", "0"),
        ("DOTNET_GCgen0size", "0x800000"), ("MALLOC_ARENA_MAX", "1"),
        ("CHECK_INTERVAL", "5"), ("ImageUpdater__Port", $"{Port}"),
    ];

    public static async Task RunAsync(string program)
    {
        await using var cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(1) });
        await using var registry = await SandboxRegistry.StartAsync();
        for (var i = 0; i < Images; i++)
            registry.PushImage($"app-{i}", "stable", $"content {i}");
        for (var i = 0; i < Workloads; i++)
            cluster.Apply(Manifests.Deployment($"web-{i}", ("web", registry.Reference($"app-{i % Images}", "stable"))).Enabled());
        await cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));

        var folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
        var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        cluster.WriteKubeconfig(kubeconfig);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        Console.WriteLine($"{program} run, {Workloads} workloads, {Images} images, {Environment.ProcessorCount} cores");

        // The first start adopts everything, and is asked for what ten cycles leave behind; the second finds its books.
        await using (var first = Subject.Start(program, kubeconfig, folder.FullName, registry.Address))
        {
            Console.WriteLine($"  start to ready, empty store: {await first.ReadyAsync(http):0.00} s, of that CPU {first.CpuSeconds():0.00} s");
            await CyclesAsync(http, 1);
            var cpu = first.CpuSeconds();
            var from = await CyclesAsync(http, 1);
            var to = await CyclesAsync(http, from + Cycles);
            Console.WriteLine($"  CPU of a cycle without change: {(first.CpuSeconds() - cpu) / (to - from):0.000} s, over {to - from} cycles, probes and tracking included");
            Console.WriteLine($"  after {to:0} cycles: {first.Memory()}");
            _ = await http.GetStringAsync(new Uri("/", UriKind.Relative));
            _ = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            Console.WriteLine($"  after a report besides: {first.Memory()}");
        }

        await using (var second = Subject.Start(program, kubeconfig, folder.FullName, registry.Address))
            Console.WriteLine($"  start to ready, store of before: {await second.ReadyAsync(http):0.00} s, of that CPU {second.CpuSeconds():0.00} s");

        folder.Delete(recursive: true);
    }

    /// <summary>Waits for as many cycles, and gives their number.</summary>
    private static async Task<double> CyclesAsync(HttpClient http, double wanted)
    {
        const string Series = "image_updater_cycles_total{result=\"success\"} ";
        while (true)
        {
            var line = (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n').Single(line => line.StartsWith(Series, StringComparison.Ordinal));
            var cycles = double.Parse(line[Series.Length..], CultureInfo.InvariantCulture);
            if (cycles >= wanted)
                return cycles;
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private sealed class Subject : IAsyncDisposable
    {
        private readonly Process process;
        private readonly Stopwatch since = Stopwatch.StartNew();

        private Subject(Process process) => this.process = process;

        public static Subject Start(string program, string kubeconfig, string folder, string registry)
        {
            var start = new ProcessStartInfo(program, ["--kubeconfig", kubeconfig, "--state", Path.Combine(folder, "state.db"), "run"]) { UseShellExecute = false, RedirectStandardOutput = true };
            // What is set already is compared with it.
            foreach (var (name, value) in Settings)
                start.Environment[name] = Environment.GetEnvironmentVariable(name) ?? value;
            start.Environment["ImageUpdater__Registries__0__Host"] = registry;
            start.Environment["ImageUpdater__Registries__0__PlainHttp"] = "true";
            var started = new Process { StartInfo = start };
            var subject = new Subject(started);
            started.Start();
            started.OutputDataReceived += (_, _) => { };
            started.BeginOutputReadLine();
            return subject;
        }

        public async Task<double> ReadyAsync(HttpClient http)
        {
            while (true)
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
                    if (answer.IsSuccessStatusCode)
                        return since.Elapsed.TotalSeconds;
                }
                catch (HttpRequestException) when (!process.HasExited)
                {
                    // It does not listen yet.
                }

                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }
        }

        public double CpuSeconds()
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }

        public string Memory()
        {
            var status = File.ReadAllLines($"/proc/{process.Id}/status").Select(line => line.Split(':')).Where(parts => parts.Length == 2)
                .ToDictionary(parts => parts[0], parts => parts[1].Trim(), StringComparer.Ordinal);
            return $"private {Megabytes("RssAnon") + Megabytes("RssShmem"):0} MB, resident {Megabytes("VmRSS"):0} MB, the most so far {Megabytes("VmHWM"):0} MB";

            double Megabytes(string key) => double.Parse(status[key].Split(' ')[0], CultureInfo.InvariantCulture) / 1024;
        }

        public async ValueTask DisposeAsync()
        {
            using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                await kill.WaitForExitAsync();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
