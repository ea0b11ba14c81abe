using ImageUpdater.Benchmarks;

// dotnet run -c Release --project ImageUpdater.Benchmarks [-- planner|cycle]
var chosen = args.Length == 0 ? ["planner", "cycle"] : args;
foreach (var name in chosen)
{
    switch (name)
    {
        case "planner":
            PlannerBenchmark.Run();
            break;
        case "cycle":
            await CycleBenchmark.RunAsync();
            break;
        default:
            Console.Error.WriteLine($"no benchmark is named '{name}': planner, cycle");
            return 1;
    }
}

return 0;
