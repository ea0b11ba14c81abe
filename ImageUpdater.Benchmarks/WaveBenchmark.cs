using System.Globalization;
using ImageUpdater.Core.Applying;
using ImageUpdater.Host;
using ImageUpdater.Host.Commands;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Persistence.Store;
using ImageUpdater.Sandbox;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace ImageUpdater.Benchmarks;

/// <summary>The images of 400 of 430 workloads are pushed: by how much the store grows until all are rolled out, or have failed, a few at a time.</summary>
internal static class WaveBenchmark
{
    private const int Workloads = 430;
    private const int Sharers = 400;

    /// <param name="fails">Each of the 400 has an image of its own, of which no pod becomes ready: each failure is news, and holds that workload alone.</param>
    public static async Task RunAsync(bool fails)
    {
        await using var registry = await SandboxRegistry.StartAsync();
        string ImageOf(int workload) => workload >= Sharers ? "other" : fails ? $"base-{workload}" : "base";
        for (var i = 0; i < Workloads; i++)
            registry.PushImage(ImageOf(i), "latest", "one");
        await using var cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(1) });
        for (var i = 0; i < Workloads; i++)
        {
            var workload = Manifests.Deployment($"web-{i}", ("web", registry.Reference(ImageOf(i), "latest"))).Enabled();
            workload["spec"]!["progressDeadlineSeconds"] = 1;
            cluster.Apply(workload);
        }

        await cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(5));

        var folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
        var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        cluster.WriteKubeconfig(kubeconfig);
        var environment = new Dictionary<string, string>
        {
            ["ImageUpdater__Registries__0__Host"] = registry.Address,
            ["ImageUpdater__Registries__0__PlainHttp"] = "true",
            ["ImageUpdater__MaxRolloutsPerNamespace"] = "5",
        };
        await using (var app = RunCommand.Build(new Call("benchmark", environment, Path.Combine(folder.FullName, "state.db"), kubeconfig)))
        {
            var pipeline = app.Services.GetRequiredService<Pipeline>();
            var tracker = app.Services.GetRequiredService<RolloutTracker>();
            var store = app.Services.GetRequiredService<StateStore>();
            await pipeline.ReconcileAsync(new PlanRequest("benchmark"), default);
            var before = Measure(store.Path);

            for (var i = 0; i < Sharers; i++)
            {
                var digest = registry.PushImage(ImageOf(i), "latest", "two");
                if (fails)
                    cluster.BreakImage(digest);
            }

            var (cycles, isDone) = (0, false);
            for (var refresh = Refresh.All; !isDone; refresh = Refresh.Due)
            {
                var reconciled = await pipeline.ReconcileAsync(new PlanRequest("benchmark") { Refresh = refresh }, default);
                cycles++;
                while ((await tracker.TrackAsync(default)).Any(rollout => rollout.State == RolloutState.Running))
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                isDone = reconciled.Value!.Made.Plan.Counts.Restart == 0 && !reconciled.Value.Made.Plan.Queued.Any();
            }

            var after = Measure(store.Path);
            var added = string.Create(CultureInfo.InvariantCulture, $"{(after.Bytes - before.Bytes) / 1e6:0.00}");
            Console.WriteLine(
                $"a wave of {Sharers} restarts{(fails ? ", all of which fail," : "")} over {Workloads} workloads, {cycles} cycles: {added} MB added; {after.Plans - before.Plans} plans, "
                + $"{after.PlanContainers - before.PlanContainers} rows of their containers, {after.Records - before.Records} audit records");
        }

        folder.Delete(recursive: true);
    }

    /// <summary>The bytes of the database's used pages, those still in the write-ahead log too, and the rows that a wave adds.</summary>
    private static (long Bytes, long Plans, long PlanContainers, long Records) Measure(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT (page_count - freelist_count) * page_size, (SELECT count(*) FROM plans), (SELECT count(*) FROM plan_containers), (SELECT count(*) FROM audit)
            FROM pragma_page_count, pragma_freelist_count, pragma_page_size
            """;
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }
}
