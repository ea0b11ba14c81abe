using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Web;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ImageUpdater.IntegrationTests.Auditing;

/// <summary>Readers of the audit log with a real store: where they start, that no record is lost, and that they are independent.</summary>
public sealed class AuditReaderLoopTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TestFolder folder = new();
    private readonly MetricRegistry metrics = new();
    private readonly LogLines<BackgroundLoops> bugs = new();
    private readonly LogLines<AuditReaderLoop> lines = new();
    private readonly BackgroundLoops failures;
    private readonly List<AuditReaderLoop> loops = [];
    private readonly HurriedTime time = new();
    private StateStore store = null!;
    private int written;

    public AuditReaderLoopTests() => failures = new BackgroundLoops(new Instruments(metrics), bugs);

    public async ValueTask InitializeAsync() => store = await OpenAsync("state.db");

    public async ValueTask DisposeAsync()
    {
        foreach (var loop in loops)
        {
            await loop.StopAsync(TimeSpan.Zero);
            loop.Dispose();
        }

        await store.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("events")]
    [InlineData(null)]
    public async Task Start_NewReader_BeginsAtTheEndOfTheLog(string? cursor)
    {
        await WriteInAnotherProcessAsync("old", "older");
        var reader = new ListeningReader { Cursor = cursor };

        Start(reader);
        await WriteAsync("a", "b");

        await UntilProcessedAsync(reader, "a", "b");
    }

    /// <summary>Stored before the first record is delivered, because the process may be killed before that.</summary>
    [Fact]
    public async Task Start_NewReader_HasItsCursorBeforeTheFirstRecord()
    {
        await WriteInAnotherProcessAsync("old", "older");
        Start(new ListeningReader { Holds = true });

        await UntilCursorAsync(2);
    }

    /// <summary>A reader that starts after the first writes of its process gets them too.</summary>
    [Theory]
    [InlineData("events")]
    [InlineData(null)]
    public async Task Start_AfterTheFirstWrites_DeliversThem(string? cursor)
    {
        await WriteInAnotherProcessAsync("old");
        await WriteAsync("a", "b");
        var reader = new ListeningReader { Cursor = cursor };

        Start(reader);

        await UntilProcessedAsync(reader, "a", "b");
    }

    [Fact]
    public async Task Start_ReaderWithACursor_GoesOnBehindIt()
    {
        var first = new ListeningReader();
        var loop = Start(first);
        await WriteAsync("a");
        await UntilProcessedAsync(first, "a");
        await loop.StopAsync(Patience);
        await WriteAsync("b", "c");

        var second = new ListeningReader();
        Start(second);

        await UntilProcessedAsync(second, "b", "c");
    }

    /// <summary>Killed between a commit and its delivery: the next process delivers the record, also to a new reader.</summary>
    [Fact]
    public async Task Start_AfterAKillBeforeTheFirstDelivery_DeliversTheRecord()
    {
        await WriteInAnotherProcessAsync("old");
        var killed = new ListeningReader { Holds = true };
        Start(killed);
        await WriteAsync("a", "b");
        await Eventually.HoldsAsync("it is under way", () => Task.FromResult(killed.Received.Count == 1));

        var next = new ListeningReader();
        Start(next);

        await UntilProcessedAsync(next, "a", "b");
    }

    [Fact]
    public async Task Start_ReaderWithoutACursor_SkipsWhatAnEarlierProcessWrote()
    {
        var first = new ListeningReader { Cursor = null };
        var loop = Start(first);
        await WriteAsync("a");
        await UntilProcessedAsync(first, "a");
        await loop.StopAsync(Patience);
        await WriteInAnotherProcessAsync("b");

        var second = new ListeningReader { Cursor = null };
        Start(second);
        await WriteAsync("c");

        await UntilProcessedAsync(second, "c");
    }

    [Fact]
    public async Task Tell_ReaderThatThrows_StopsAloneIsSeenAndGoesOnWhenItCan()
    {
        var broken = new ListeningReader { Bug = new InvalidOperationException("poison") };
        var other = new ListeningReader { Cursor = null, Loop = BackgroundLoop.AuditLog };
        Start(broken);
        Start(other);

        await WriteAsync("a", "b");
        await UntilProcessedAsync(other, "a", "b");
        await Eventually.HoldsAsync("it was asked again", () => Task.FromResult(broken.Received.Count >= 3));

        Assert.All(broken.Received, message => Assert.Equal("a", message));
        Assert.Equal(0, await store.Audit.CursorAsync("events", None));
        Assert.Equal("events: unexpected error (InvalidOperationException); see the log", Assert.Single(failures.Problems));
        Assert.Equal("Error 122 InvalidOperationException: poison", bugs.Written[0]);
        Assert.All(bugs.Written.Skip(1), line => Assert.StartsWith("Debug", line, StringComparison.Ordinal));
        Assert.True(await FailuresAsync("events") >= 3);
        Assert.Equal(0, await FailuresAsync("audit-log"));

        broken.Bug = null;
        await UntilProcessedAsync(broken, "a", "b");
        await UntilCursorAsync(2);
        Assert.Empty(failures.Problems);
    }

    /// <summary>In a quiet cluster the next record may be days away.</summary>
    [Fact]
    public async Task Tell_BugBeforeTheFirstRecord_IsOverWithoutOne()
    {
        var log = new FaultyLog(store.Audit) { Bug = new InvalidOperationException("no cursor") };
        Start(new ListeningReader(), log);
        await Eventually.HoldsAsync("it is seen", () => Task.FromResult(failures.Problems.Any()));

        log.Bug = null;
        await Eventually.HoldsAsync("it is over", () => Task.FromResult(!failures.Problems.Any()));
    }

    [Fact]
    public async Task Tell_ReaderThatCanNotNow_GetsTheSameAgainAndIsNoBug()
    {
        var reader = new ListeningReader { Refuses = true };
        Start(reader);

        await WriteAsync("a", "b");
        await Eventually.HoldsAsync("it was asked again", () => Task.FromResult(reader.Received.Count >= 3));
        Assert.All(reader.Received, message => Assert.Equal("a", message));
        Assert.Empty(failures.Problems);
        reader.Refuses = false;

        await UntilProcessedAsync(reader, "a", "b");
        Assert.Empty(bugs.Written);
    }

    [Fact]
    public async Task Tell_StoreCannotBeRead_IsWaitedOutAndSaidOnce()
    {
        var log = new FaultyLog(store.Audit);
        var reader = new ListeningReader();
        Start(reader, log);
        await UntilCursorAsync(0);
        log.Reads = new StateStoreException("the volume is away", StateStoreProblem.InputOutput, inner: null);

        await WriteAsync("a");
        await Eventually.HoldsAsync("it was tried again", () => Task.FromResult(log.Failures >= 3));
        Assert.Equal(["Warning 420"], lines.Written);
        log.Reads = null;

        await UntilProcessedAsync(reader, "a");
        Assert.Empty(bugs.Written);
    }

    /// <summary>Delivered records are not delivered again by the same process, however long storing the cursor fails.</summary>
    [Fact]
    public async Task Deliver_CursorCannotBeMoved_DeliversOnceAndMovesItLater()
    {
        var log = new FaultyLog(store.Audit);
        var reader = new ListeningReader();
        Start(reader, log);
        await UntilCursorAsync(0);
        log.Moves = new StateStoreException("the volume is full", StateStoreProblem.DiskFull, inner: null);

        await WriteAsync("a");
        await Eventually.HoldsAsync("it was tried again", () => Task.FromResult(log.Failures >= 3));
        Assert.Equal(0, await store.Audit.CursorAsync("events", None));
        log.Moves = null;

        await UntilCursorAsync(1);
        Assert.Equal(["a"], reader.Received);
    }

    [Fact]
    public async Task Start_StoreCannotBeRead_BeginsAsSoonAsItCan()
    {
        await WriteAsync("a");
        await store.Audit.MoveCursorAsync("events", 0, None);
        var log = new FaultyLog(store.Audit) { Reads = new StateStoreException("the volume is away", StateStoreProblem.InputOutput, inner: null) };
        var reader = new ListeningReader();
        Start(reader, log);
        log.Reads = null;

        await UntilProcessedAsync(reader, "a");
    }

    [Fact]
    public async Task Stop_RecordsAreWaiting_DeliversThemFirst()
    {
        var reader = new ListeningReader { Takes = TimeSpan.FromMilliseconds(20) };
        var loop = Start(reader);
        var messages = Enumerable.Range(0, 30).Select(number => $"{number}").ToArray();
        await WriteAsync(messages);

        await loop.StopAsync(Patience);

        Assert.Equal(messages, reader.Processed);
        Assert.Equal(30, await store.Audit.CursorAsync("events", None));
    }

    [Fact]
    public async Task Stop_ReaderHangs_EndsInTimeAndKeepsTheCursor()
    {
        var reader = new ListeningReader();
        var loop = Start(reader);
        await WriteAsync("a");
        await UntilProcessedAsync(reader, "a");
        reader.Holds = true;
        await WriteAsync("b");

        await loop.StopAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(Patience);

        Assert.Equal(1, await store.Audit.CursorAsync("events", None));
        Assert.Empty(bugs.Written);
    }

    [Fact]
    public async Task Stop_ReaderCanNotNow_TriesOnceMoreAndDoesNotWait()
    {
        var reader = new ListeningReader { Refuses = true };
        var loop = Start(reader);
        await WriteAsync("a");
        await Eventually.HoldsAsync("it was asked", () => Task.FromResult(!reader.Received.IsEmpty));

        await loop.StopAsync(TimeSpan.FromMinutes(5)).WaitAsync(Patience);

        Assert.Equal(0, await store.Audit.CursorAsync("events", None));
    }

    [Fact]
    public async Task Stop_StoreIsBusyAtTheEnd_DoesNotWaitForIt()
    {
        var log = new FaultyLog(store.Audit);
        var reader = new ListeningReader();
        var loop = Start(reader, log);
        await WriteAsync("a");
        await UntilProcessedAsync(reader, "a");
        log.MovesHang = true;
        await WriteAsync("b");
        await UntilProcessedAsync(reader, "a", "b");

        await loop.StopAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(Patience);

        Assert.Empty(bugs.Written);
    }

    /// <summary>Another reader is one more registration (ADR 0014).</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readers_AnotherIsRegistered_ItHasTheRecordsUnlessItIsOff(bool isOn)
    {
        var another = new ListeningReader { IsOn = isOn };
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<Instruments>()
            .AddSingleton(store.Audit).AddSingleton(store.Applying).AddAuditReaders(events: false, new AuditReading(TimeSpan.FromSeconds(5))).AddSingleton<IAuditReader>(another);
        await using var provider = services.BuildServiceProvider();
        var readers = Assert.Single(provider.GetServices<IHostedService>());
        await readers.StartAsync(None);
        await WriteAsync("a");
        await readers.StopAsync(None);

        Assert.Equal(isOn ? ["a"] : [], another.Processed);
    }

    /// <summary>A backup was restored at the path: its numbers are lower, and the cursor in it is used.</summary>
    [Fact]
    public async Task Tell_OlderStoreIsThereNow_GoesOnBehindItsCursor()
    {
        var log = new FaultyLog(store.Audit);
        var reader = new ListeningReader();
        Start(reader, log);
        await WriteAsync("a", "b", "c");
        await UntilProcessedAsync(reader, "a", "b", "c");
        await UntilCursorAsync(3);
        await using var older = await OpenAsync("older.db");
        await WriteAsync(older, "a", "not told");
        await older.Audit.MoveCursorAsync("events", 1, None);

        log.ReplaceWith(older.Audit);

        await UntilProcessedAsync(reader, "a", "b", "c", "not told");
        await Eventually.HoldsAsync("its cursor is moved", async () => await older.Audit.CursorAsync("events", None) == 2);
        await WriteAsync(older, "d");
        await UntilProcessedAsync(reader, "a", "b", "c", "not told", "d");
    }

    private async Task<StateStore> OpenAsync(string name) =>
        (await StateStore.OpenAsync(new StateStoreOptions { Path = Path.Combine(folder.Path, name) }, TimeProvider.System, None)).Value!;

    private AuditReaderLoop Start(IAuditReader reader, IAuditLog? log = null)
    {
        var loop = new AuditReaderLoop(reader, log ?? store.Audit, failures, time, lines);
        loops.Add(loop);
        loop.Start(after: TimeSpan.Zero);
        return loop;
    }

    private async Task WriteInAnotherProcessAsync(params string[] messages)
    {
        await WriteAsync(store, messages);
        await store.DisposeAsync();
        store = await OpenAsync("state.db");
    }

    private Task WriteAsync(params string[] messages) => WriteAsync(store, messages);

    // Any write that adds a record.
    private async Task WriteAsync(StateStore into, params string[] messages)
    {
        foreach (var message in messages)
        {
            var web = new WorkloadKey("shop", WorkloadKind.Deployment, "web");
            var removal = new FinalizerRemoval(web, $"uid-{written++}", "test", PlanId: null, DateTimeOffset.UnixEpoch, "{}");
            await into.Applying.BeginFinalizerRemovalAsync(removal, None);
            await into.Applying.EndFinalizerRemovalAsync(removal.Uid, new AuditRecord(DateTimeOffset.UnixEpoch, AuditAction.FinalizerRemoved, web, removal.Uid, "test", message), None);
        }
    }

    private static Task UntilProcessedAsync(ListeningReader reader, params string[] messages) => Eventually.HoldsAsync(
        $"{string.Join(", ", messages)} told", () => Task.FromResult(reader.Processed.SequenceEqual(messages)), () => string.Join(", ", reader.Processed));

    private Task UntilCursorAsync(long position) =>
        Eventually.HoldsAsync($"the cursor is at {position}", async () => await store.Audit.CursorAsync("events", None) == position);

    private async Task<int> FailuresAsync(string loop)
    {
        await using var served = await ServedMetrics.StartAsync(metrics);
        var series = $"image_updater_background_failures_total{{loop=\"{loop}\"}} ";
        return int.Parse((await served.SamplesAsync()).Single(line => line.StartsWith(series, StringComparison.Ordinal))[series.Length..]);
    }

    /// <summary>Shortens delays to a hundredth.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 100 : dueTime, period);
    }
}
