using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Two registries at once, one of them only if its last turn was short.</summary>
public sealed class RegistryTurnsTests
{
    private readonly ScriptedTime time = new();
    private readonly RegistryTurns turns;

    public RegistryTurnsTests() => turns = new RegistryTurns(time, most: 2, reserved: 1);

    [Fact]
    public async Task Take_NewRegistries_WaitInTheirOrderAndLeaveATurnForKnownOnes()
    {
        (await TakeAsync("known")).Dispose();
        var first = await TakeAsync("new-1");
        var (second, third) = (TakeAsync("new-2"), TakeAsync("new-3"));
        Assert.Equal((false, false), (second.IsCompleted, third.IsCompleted));

        var known = await TakeAsync("KNOWN");
        var again = TakeAsync("known");
        Assert.False(again.IsCompleted);

        // The next turn of any kind is that of the known one, although it came last.
        first.Dispose();
        (await again).Dispose();
        known.Dispose();
        (await second).Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task Take_LastTurnWasLong_IsAmongTheOthersUntilOneIsShort()
    {
        var slow = await TakeAsync("slow");
        time.Advance(RegistryTurns.Length);
        slow.Dispose();
        var other = await TakeAsync("new");

        var next = TakeAsync("slow");
        Assert.False(next.IsCompleted);
        other.Dispose();
        (await next).Dispose();
        await TakeAsync("new-2");
        Assert.True(TakeAsync("slow").IsCompleted);
    }

    [Fact]
    public async Task IsOver_ThirtySecondsAndAnotherWaits_IsTrue()
    {
        using var turn = await TakeAsync("slow");
        time.Advance(RegistryTurns.Length);
        Assert.False(turn.IsOver);

        using var cancellation = new CancellationTokenSource();
        var waiting = turns.TakeAsync("new", cancellation.Token);
        Assert.True(turn.IsOver);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(turn.IsOver);
    }

    [Fact]
    public async Task IsOver_LessThanThirtySeconds_IsFalse()
    {
        using var turn = await TakeAsync("slow");
        _ = TakeAsync("new");
        time.Advance(RegistryTurns.Length - TimeSpan.FromMilliseconds(1));

        Assert.False(turn.IsOver);
    }

    [Fact]
    public async Task Take_AfterAThousandOthers_IsForgotten()
    {
        foreach (var registry in Enumerable.Range(0, 1001))
        {
            (await TakeAsync($"r{registry}")).Dispose();
            time.Advance(TimeSpan.FromTicks(1));
        }

        await TakeAsync("new");
        Assert.False(TakeAsync("r0").IsCompleted);
        Assert.True(TakeAsync("r1").IsCompleted);
    }

    /// <summary>A registry whose checks do not end keeps no other from its turn, and goes on afterwards with what is left.</summary>
    [Fact]
    public async Task Run_TurnIsOver_IsTheOthersTurnAndThenContinues()
    {
        using var lanes = new RegistryLanes<string, string>(
            RegistryPatience.OfCommand, (_, exception) => exception.Message, new RegistryTurns(time, most: 1, reserved: 0), time, NullLogger.Instance);
        var order = new List<string>();
        string[] items = ["slow/a", "slow/b", "well/c"];

        var done = await lanes.RunAsync(items.GroupBy(item => item.Split('/')[0], StringComparer.Ordinal), WorkAsync, CancellationToken.None);

        Assert.Equal(["slow/a", "well/c", "slow/b"], order);
        Assert.Equal(items, done.Results.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(done.Late);

        async Task WorkAsync(string registry, IReadOnlyList<string> asked, Action<string, string> report, Func<bool> isOver, CancellationToken cancellationToken)
        {
            await Task.Yield();
            foreach (var item in asked)
            {
                if (isOver())
                    return;
                order.Add(item);
                time.Advance(registry == "slow" ? RegistryTurns.Length : TimeSpan.Zero);
                report(item, "done");
            }
        }
    }

    private Task<RegistryTurns.Turn> TakeAsync(string registry) => turns.TakeAsync(registry, CancellationToken.None);
}
