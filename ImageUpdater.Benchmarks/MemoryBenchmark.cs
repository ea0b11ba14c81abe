using System.Globalization;

namespace ImageUpdater.Benchmarks;

/// <summary>What ten cycles leave behind, and what a cycle without change costs.</summary>
internal static class MemoryBenchmark
{
    private const int Cycles = 10;

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
