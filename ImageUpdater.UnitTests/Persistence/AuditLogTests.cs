using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using ImageUpdater.Persistence.Store;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.UnitTests.Persistence;

/// <summary>The audit as a stream: numbering in commit order, and cursors.</summary>
public sealed class AuditLogTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Append_WriteByWrite_NumbersFromOneWithoutGaps()
    {
        await using var store = await folder.OpenAsync();
        Assert.Equal(0, await store.Audit.LastNumberAsync(None));

        await AppendAsync(store, "a", "b");
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.Database.WriteAsync<bool>(
            context =>
            {
                context.Audit.Add(AuditRow.Of(Samples.Record("never")));
                throw new InvalidOperationException();
            },
            None));
        await AppendAsync(store, "c");

        Assert.Equal([(1, "a"), (2, "b"), (3, "c")], await LogAsync(store));
        Assert.Equal(3, await store.Audit.LastNumberAsync(None));
    }

    [Fact]
    public async Task Append_FailsAfterTheNumbersWereGiven_GivesThemAgain()
    {
        await using var store = await folder.OpenAsync();
        var restarted = Samples.Restarted(Samples.Rollout("r1"));
        await store.AppendAuditAsync([restarted], None);

        // A patch has one record: the database rejects a second one, and with it the whole write.
        await Assert.ThrowsAsync<DbUpdateException>(() => store.AppendAuditAsync([Samples.Record("never"), restarted], None));
        await AppendAsync(store, "next");

        Assert.Equal([(1, "restarted"), (2, "next")], await LogAsync(store));
    }

    [Fact]
    public async Task Append_AfterRetentionAndAnotherStart_GoesOnCounting()
    {
        await using (var store = await folder.OpenAsync())
        {
            await store.KnowAsync("uid-web");
            await AppendAsync(store, "a", "b", "c");
            Assert.Equal(2, (await store.Upkeep.PruneAsync(Samples.Noon.AddDays(1), None)).Audit);
        }

        await using var again = await folder.OpenAsync();
        await AppendAsync(again, "d");

        Assert.Equal([(3, "c"), (4, "d")], await LogAsync(again));
        Assert.Empty(await again.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Append_ManyWritersOfOneProcess_IsReadWithoutGapsAtEveryMoment()
    {
        const int Writers = 8;
        const int Rounds = 15;
        await using var store = await folder.OpenAsync();
        var seen = new List<AuditRecord>();
        var reading = Task.Run(async () =>
        {
            while (seen.Count < Writers * Rounds * 2)
                seen.AddRange(await store.Audit.ReadAfterAsync(seen.Count, limit: 7, None));
        });

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
                await AppendAsync(store, $"{writer}-{round}-first", $"{writer}-{round}-second");
        })));
        await reading.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(Enumerable.Range(1, Writers * Rounds * 2).Select(number => (long)number), seen.Select(record => record.Id));
        // Records of one write have consecutive numbers in their order, and so do the writes of one writer.
        Assert.All(seen.Chunk(2), pair => Assert.Equal(pair[0].Message.Replace("first", "second", StringComparison.Ordinal), pair[1].Message));
        Assert.All(
            seen.Select(record => record.Message.Split('-')).GroupBy(parts => parts[0]),
            writer => Assert.Equal(Enumerable.Range(0, Rounds), writer.Select(parts => int.Parse(parts[1])).Distinct()));
    }

    /// <summary>Simulates two writing processes without the lock file: the one that commits later gets the higher numbers.</summary>
    [Fact]
    public async Task Give_TwoConnectionsAtOnce_TheSecondWaitsForTheFirstToCommit()
    {
        await using var store = await folder.OpenAsync();
        await AppendAsync(store, "before");
        using var one = new Connections(folder.StorePath);
        using var other = new Connections(folder.StorePath);
        await using var first = one.Writing();
        await using var transaction = await first.Database.BeginTransactionAsync();
        first.Audit.Add(AuditRow.Of(Samples.Record("first")));
        Assert.Equal(2, await new AuditNumbers().GiveAsync(first, None));

        var second = Task.Run(async () =>
        {
            await using var context = other.Writing();
            await using var begun = await context.Database.BeginTransactionAsync();
            context.Audit.Add(AuditRow.Of(Samples.Record("second")));
            var number = await new AuditNumbers().GiveAsync(context, None);
            await context.SaveChangesAsync();
            await begun.CommitAsync();
            return number;
        });
        await Task.Delay(200);
        Assert.False(second.IsCompleted);
        Assert.Equal(1, await store.Audit.LastNumberAsync(None));
        await first.SaveChangesAsync();
        await transaction.CommitAsync();

        Assert.Equal(3, await second);
        Assert.Equal([(1, "before"), (2, "first"), (3, "second")], await LogAsync(store));
    }

    [Fact]
    public async Task Read_TypedFields_ComeBackAsTheyWere()
    {
        await using var store = await folder.OpenAsync();
        var rollout = Samples.Rollout("r1");
        var ended = AuditRecords.Ended(rollout, new RolloutEnd(RolloutState.TimedOut, Samples.Noon.AddMinutes(7).AddTicks(1), "not done"));
        var held = Samples.Record("held") with { Decision = new(ContainerAction.Hold, DecisionReason.MinAge) };

        await store.AppendAuditAsync([ended, held, Samples.Record("neither")], None);

        var records = await store.Audit.ReadAfterAsync(0, 10, None);
        Assert.Equal(new RecordedEnd(RolloutState.TimedOut, TimeSpan.FromMinutes(7) + TimeSpan.FromTicks(1)), records[0].End);
        Assert.Equal([ended with { Id = 1 }, held with { Id = 2 }, Samples.Record("neither") with { Id = 3 }], records);
    }

    [Fact]
    public async Task Cursor_OfEachReader_IsItsOwnAndOutlivesTheProcess()
    {
        await using (var store = await folder.OpenAsync())
        {
            await AppendAsync(store, "a", "b", "c");
            Assert.Null(await store.Audit.CursorAsync("events", None));
            await store.Audit.MoveCursorAsync("events", 1, None);
            await store.Audit.MoveCursorAsync("events", 2, None);
            await store.Audit.MoveCursorAsync("other", 3, None);
        }

        await using var again = await folder.OpenAsync();
        Assert.Equal(2, await again.Audit.CursorAsync("events", None));
        Assert.Equal(3, await again.Audit.CursorAsync("other", None));
        Assert.Null(await again.Audit.CursorAsync("new", None));
        Assert.Equal(["c"], (await again.Audit.ReadAfterAsync(2, 10, None)).Select(record => record.Message));
    }

    [Fact]
    public async Task Cursor_BeyondTheEnd_IsTheEnd()
    {
        await using (var store = await folder.OpenAsync())
        {
            await AppendAsync(store, "a", "b");
            await store.Audit.MoveCursorAsync("events", 2, None);
        }

        folder.Execute("UPDATE cursors SET position = 70");

        await using var odd = await folder.OpenAsync();
        Assert.Equal("a cursor is beyond the end of the audit log, reader: events", Assert.Single(await odd.Upkeep.CheckAsync(None)));
        var cursor = await odd.Audit.CursorAsync("events", None);
        await AppendAsync(odd, "c");
        Assert.Equal(["c"], (await odd.Audit.ReadAfterAsync(cursor!.Value, 10, None)).Select(record => record.Message));
    }

    [Fact]
    public async Task Check_NumberAboveTheCounter_IsNamed()
    {
        await using (var store = await folder.OpenAsync())
            await AppendAsync(store, "a", "b");

        folder.Execute("UPDATE audit_counter SET last = 1");

        await using var broken = await folder.OpenAsync();
        Assert.Equal("an audit record's number is above the counter, record: 2", Assert.Single(await broken.Upkeep.CheckAsync(None)));
    }

    [Fact]
    public async Task LastNumberBefore_WheneverItIsAsked_IsBeforeTheFirstRecordOfThisProcess()
    {
        await using (var store = await folder.OpenAsync())
        {
            Assert.Equal(0, await store.Audit.LastNumberBeforeAsync(None));
            await AppendAsync(store, "a", "b");
            Assert.Equal(0, await store.Audit.LastNumberBeforeAsync(None));
        }

        await using var again = await folder.OpenAsync();
        await AppendAsync(again, "c");
        await AppendAsync(again, "d");
        Assert.Equal(2, await again.Audit.LastNumberBeforeAsync(None));
    }

    [Fact]
    public async Task Wait_Behind_ReturnsAtOnce()
    {
        await using (var store = await folder.OpenAsync())
            await AppendAsync(store, "a", "b");

        await using var again = await folder.OpenAsync();
        Assert.Equal(2, await again.Audit.WaitAsync(1, None).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(2, await again.Audit.WaitAsync(70, None).WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Wait_AtTheEnd_EndsWithTheNextRecordAndNotWithOtherWrites()
    {
        await using var store = await folder.OpenAsync();
        await AppendAsync(store, "a");
        var waiting = store.Audit.WaitAsync(1, None);

        await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], None);
        await store.Audit.MoveCursorAsync("events", 1, None);
        Assert.False(waiting.IsCompleted);
        await AppendAsync(store, "b", "c");

        Assert.Equal(3, await waiting.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    /// <summary>Waiting does not poll the database; commits wake up the waiting readers.</summary>
    [Fact]
    public async Task Wait_AtTheEnd_AsksTheDatabaseNothing()
    {
        await using var store = (await StateStore.OpenAsync(new StateStoreOptions { Path = folder.StorePath }, new HurriedTime(), None)).Value!;
        await AppendAsync(store, "a");
        folder.Execute("ALTER TABLE audit_counter RENAME TO elsewhere");
        using var stop = new CancellationTokenSource();

        var waiting = store.Audit.WaitAsync(1, stop.Token);
        await Task.Delay(200);
        Assert.False(waiting.IsCompleted);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static Task AppendAsync(StateStore store, params string[] messages) => store.AppendAuditAsync([.. messages.Select(message => Samples.Record(message))], None);

    private static async Task<IEnumerable<(long, string)>> LogAsync(StateStore store) =>
        (await store.Audit.ReadAfterAsync(0, 1000, None)).Select(record => (record.Id, record.Message));

    /// <summary>Shortens delays of 30 seconds to 30 ms.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 1000 : dueTime, period);
    }
}
