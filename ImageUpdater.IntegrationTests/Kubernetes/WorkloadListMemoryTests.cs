using ImageUpdater.Core.Workloads;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>Runs alone, because it measures the memory of the whole process.</summary>
[Collection(nameof(WorkloadListMemoryTests))]
[CollectionDefinition(nameof(WorkloadListMemoryTests), DisableParallelization = true)]
public sealed class WorkloadListMemoryTests
{
    [Fact]
    public async Task List_ThousandsOfWhichFewAreEnabled_KeepsMemoryFlat()
    {
        const int Count = 20_000;
        long? held = null;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        // 60 MB in one response, with the list's metadata at the end.
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            var padding = "\"x\":\"" + new string('x', 3000) + "\",";
            context.Response.ContentType = "application/json";
            var writer = new StreamWriter(context.Response.Body);
            await writer.WriteAsync("{\"items\":[");
            for (var i = 0; i < Count; i++)
            {
                await writer.WriteAsync((i == 0 ? "" : ",") + WorkloadListTests.Item("w" + i, i % 1000 == 0 ? "true" : i % 2 == 0 ? null : "True", padding));
                if (i == Count - 1000)
                    held = GC.GetTotalMemory(forceFullCollection: true) - before;
            }

            await writer.WriteAsync("],\"metadata\":{}}");
            await writer.FlushAsync();
        });
        using var client = Connections.Client(api);

        var list = Connections.Require(await client.ListEnabledWorkloadsAsync(WorkloadKind.Deployment, null, CancellationToken.None));

        Assert.Equal(Count / 1000, list.Items.Count);
        Assert.Equal(Count - (Count / 1000), list.PassedOver.Count);
        Assert.Equal(100, list.PassedOver.Mistakes.Count);
        // Measured near the end of the list. Can be negative if a garbage collection ran.
        Assert.NotNull(held);
        Assert.True(held < 10_000_000, $"{held} bytes are held");
    }
}
