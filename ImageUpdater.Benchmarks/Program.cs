using ImageUpdater.Benchmarks;

// dotnet run -c Release --project ImageUpdater.Benchmarks [-- planner|cycle|large|failing|wave|memory PROGRAM|not-enabled PROGRAM|start PROGRAM|hostile PROGRAM]
// The last four want the program as the container has it; docs/operations.md says how to publish that.
if (args is ["memory" or "not-enabled" or "start" or "hostile", var program])
{
    await (args[0] switch
    {
        "memory" => MemoryBenchmark.RunAsync(program),
        "not-enabled" => MemoryBenchmark.RunNotEnabledAsync(program),
        "start" => StartBenchmark.RunAsync(program),
        _ => HostileBenchmark.RunAsync(program),
    });
    return 0;
}

var chosen = args.Length == 0 ? ["planner", "cycle", "large", "failing"] : args;
foreach (var name in chosen)
{
    switch (name)
    {
        case "planner":
            PlannerBenchmark.Run();
            break;
        case "cycle":
            await CycleBenchmark.RunAsync(new(Workloads: 1_000, Containers: 1, Images: 200));
            break;
        case "large":
            await CycleBenchmark.RunAsync(new(Workloads: 2_000, Containers: 3, Images: 300));
            break;
        case "failing":
            if (!await FailingBenchmark.RunAsync())
                return 1;
            break;
        case "wave":
            await WaveBenchmark.RunAsync(fails: false);
            await WaveBenchmark.RunAsync(fails: true);
            break;
        default:
            Console.Error.WriteLine($"no benchmark is named '{name}': planner, cycle, large, failing, wave, memory PROGRAM, not-enabled PROGRAM, start PROGRAM, hostile PROGRAM");
            return 1;
    }
}

return 0;
