using ImageUpdater.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>The waiting for registries, with work that the test ends. On its clock, waiting for less than ten seconds takes no time.</summary>
public sealed class RegistryLanesTests : IDisposable
{
    private readonly ImpatientClock clock = new();
    private TaskCompletionSource release = new();
    private readonly List<string> started = [];
    private readonly RegistryLanes<string, string> lanes;

    public RegistryLanesTests() => lanes = new RegistryLanes<string, string>(
        new RegistryPatience(TimeSpan.FromSeconds(5)), (item, exception) => $"{item} {exception.GetType().Name}", new RegistryTurns(clock), clock, NullLogger.Instance);

    public void Dispose() => lanes.Dispose();

    [Fact]
    public async Task Run_OneIsLate_TheOthersAreReturnedAndItsResultsLater()
    {
        var first = await RunAsync("slow/a", "slow/b", "well/c");
        Assert.Equal(["well/c"], first.Results.Keys);
        Assert.Equal(["slow"], first.Late);

        // It is still asked for the first ones; what is new waits.
        Assert.Equal(["slow"], (await RunAsync("slow/a", "slow/new")).Late);
        Assert.Equal(1, started.Count(registry => registry == "slow"));

        release.SetResult();
        await EventuallyAsync(async () => (await RunAsync("well/c")).Results.ContainsKey("slow/b"));
        await EventuallyAsync(async () => (await RunAsync("slow/new")).Results.GetValueOrDefault("slow/new") == "done");
    }

    [Fact]
    public async Task Run_WasLate_IsWaitedForTwoSecondsOnlyForTenMinutes()
    {
        Assert.Equal([5, 2], await WaitsAsync("slow/a"));
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal([2], await WaitsAsync("slow/b"));
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal([5, 2], await WaitsAsync("slow/c"));

        async Task<IEnumerable<int>> WaitsAsync(string item)
        {
            var before = clock.Pauses.Count;
            Assert.Equal(["slow"], (await RunAsync(item)).Late);
            var waits = clock.Pauses.Skip(before).Select(pause => (int)pause.TotalSeconds).ToList();
            release.SetResult();
            await EventuallyAsync(async () => (await RunAsync()).Results.ContainsKey(item));
            // The result comes before the lane is free for another.
            await EventuallyAsync(async () => (await RunAsync("slow/idle")).Late.Count == 0);
            release = new TaskCompletionSource();
            return waits;
        }
    }

    [Fact]
    public async Task Run_OneFailsWithoutMemory_TheOthersAreServed()
    {
        var done = await RunAsync("broken/a", "broken/b", "well/c");

        Assert.Equal("done", done.Results["well/c"]);
        Assert.Equal(("broken/a OutOfMemoryException", "broken/b OutOfMemoryException"), (done.Results["broken/a"], done.Results["broken/b"]));
        Assert.Empty(done.Late);
        Assert.Equal("broken/a OutOfMemoryException", (await RunAsync("broken/a")).Results["broken/a"]);
    }

    [Fact]
    public async Task Run_Cancelled_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lanes.RunAsync(Grouped("slow/a"), WorkAsync, new CancellationToken(canceled: true)));

    private Task<LaneResults<string, string>> RunAsync(params string[] items) => lanes.RunAsync(Grouped(items), WorkAsync, CancellationToken.None);

    private static IEnumerable<IGrouping<string, string>> Grouped(params string[] items) => items.GroupBy(item => item.Split('/')[0], StringComparer.Ordinal);

    private async Task WorkAsync(string registry, IReadOnlyList<string> items, Action<string, string> report, Func<bool> isOver, CancellationToken cancellationToken)
    {
        lock (started)
            started.Add(registry);
        if (registry == "slow")
            await release.Task.WaitAsync(cancellationToken);
        if (registry == "broken")
            _ = new byte[int.MaxValue];
        foreach (var item in items)
            report(item, "done");
    }

    private static Task EventuallyAsync(Func<Task<bool>> holds) => Parts.Eventually.HoldsAsync("the late results came", holds);
}
