namespace ImageUpdater.Benchmarks;

/// <summary>From the start of the process to the first answer of <c>/readyz</c> that says so: with an empty store, and with the one it left.</summary>
internal static class StartBenchmark
{
    private const int Times = 5;

    public static async Task RunAsync(string program)
    {
        await using var world = await ControllerWorld.StartAsync(program);
        var (empty, before) = (new List<(double Ready, double Cpu)>(), new List<(double Ready, double Cpu)>());
        for (var i = 0; i < Times; i++)
        {
            var store = world.NewStore();
            empty.Add(await StartAsync(world, program, store));
            before.Add(await StartAsync(world, program, store));
        }

        Print("empty store", empty);
        Print("store of before", before);
    }

    private static async Task<(double Ready, double Cpu)> StartAsync(ControllerWorld world, string program, string store)
    {
        await using var controller = world.Start(program, store);
        var start = (await controller.ReadyAsync(world.Http), controller.CpuSeconds());
        await controller.ThroughFirstCycleAsync(world.Http);
        return start;
    }

    private static void Print(string what, List<(double Ready, double Cpu)> starts)
    {
        var (ready, cpu) = (starts.Select(start => start.Ready).Order().ToList(), starts.Select(start => start.Cpu).Order().ToList());
        Console.WriteLine(
            $"  start to ready, {what}: median {ready[Times / 2]:0.00} s (min {ready[0]:0.00}, max {ready[^1]:0.00}), " +
            $"of that CPU {cpu[Times / 2]:0.00} s (min {cpu[0]:0.00}, max {cpu[^1]:0.00})");
    }
}
