using System.Globalization;

namespace ImageUpdater.Benchmarks;

/// <summary>What ten cycles leave behind, and what a cycle without change costs.</summary>
internal static class MemoryBenchmark
{
    private const int Cycles = 10;
    private const int NotEnabled = 20_000;

    public static async Task RunAsync(string program)
    {
        await using var world = await ControllerWorld.StartAsync(program);
        await using var controller = world.Start(program, world.NewStore());
        await controller.ReadyAsync(world.Http);
        var from = await CyclesAsync(world.Http, 1);
        var cpu = controller.CpuSeconds();
        var to = await CyclesAsync(world.Http, from + Cycles);
        Console.WriteLine($"  CPU of a cycle without change: {(controller.CpuSeconds() - cpu) / (to - from):0.000} s, over {to - from} cycles, probes and tracking included");
        Console.WriteLine($"  after {to:0} cycles: {controller.Memory()}");
        _ = await world.Http.GetStringAsync(new Uri("/", UriKind.Relative));
        _ = await world.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Console.WriteLine($"  after a report besides: {controller.Memory()}");
    }

    /// <summary>What workloads that are not enabled add, with a new process for each number of them.</summary>
    public static async Task RunNotEnabledAsync(string program)
    {
        await using var world = await ControllerWorld.StartAsync(program);
        await MeasureAsync("none is not enabled");
        await world.AddNotEnabledAsync(NotEnabled);
        await MeasureAsync($"{NotEnabled} are not enabled");

        async Task MeasureAsync(string what)
        {
            for (var run = 0; run < 3; run++)
            {
                await using var controller = world.Start(program, world.NewStore());
                await controller.ReadyAsync(world.Http);
                await CyclesAsync(world.Http, Cycles);
                Console.WriteLine($"  {what}, after {Cycles} cycles: {controller.Memory()}");
            }
        }
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
}
