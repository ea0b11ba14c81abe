using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Auditing;

/// <summary>
/// Brings the audit records to one reader, beside the work, which never waits for it. The stored cursor follows what the reader is done with, so
/// that a record may come twice after a crash, and none is lost. A reader that fails is asked again about the same record, less and less often;
/// the others go on meanwhile.
/// </summary>
internal sealed partial class AuditReaderLoop(IAuditReader reader, IAuditLog log, BackgroundLoops loops, TimeProvider time, ILogger<AuditReaderLoop> logger) : IDisposable
{
    private const int BatchSize = 100;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource ending = new(Timeout.InfiniteTimeSpan, time);
    private Task running = Task.CompletedTask;
    private long? position;
    private long? stored;
    private string? problem;

    private enum Turn
    {
        /// <summary>All that is there was told. Only who is asked to stop hears of that: else it waits for more.</summary>
        AtEnd,

        Told,
        NotNow,
    }

    /// <summary>What this process writes from its start on is news, also to a reader that is new: nobody has to wait for this.</summary>
    /// <param name="after">How long the first look at the log can wait.</param>
    public void Start(TimeSpan after) => running = Task.Run(() => RunAsync(after));

    /// <summary>What is in the log by now is still told, within this time. The rest is for the next process, where the reader has a cursor.</summary>
    public async Task StopAsync(TimeSpan within)
    {
        ending.CancelAfter(within);
        await stopping.CancelAsync();
        await running;
    }

    /// <summary>After it was stopped.</summary>
    public void Dispose()
    {
        stopping.Dispose();
        ending.Dispose();
    }

    private async Task RunAsync(TimeSpan after)
    {
        if (after > TimeSpan.Zero)
            await Task.Delay(after, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var pause = FirstPause;
        while (true)
        {
            var before = position;
            var turn = await TurnAsync();
            if (turn != Turn.Told && stopping.IsCancellationRequested)
                break;
            if (turn == Turn.Told || position != before)
                pause = FirstPause;
            if (turn == Turn.Told)
                continue;

            await Task.Delay(pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        await StoreAtTheEndAsync();
    }

    private async Task<Turn> TurnAsync()
    {
        try
        {
            var at = position ?? await BeginAsync();
            // Also at once where it is new: else what comes before its first record would be lost to it, should the process be killed.
            await StoreAsync(ending.Token);
            var end = await EndOfLogAsync(at);
            if (end == at)
                return Turn.AtEnd;

            var isTold = await TellAsync(at, end);
            problem = null;
            loops.Works(reader.Loop);
            return isTold ? Turn.Told : Turn.NotNow;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return Turn.NotNow;
        }
        catch (StateStoreException exception)
        {
            WaitsForStore(exception);
            return Turn.NotNow;
        }
        catch (Exception exception)
        {
            // A bug of the reader.
            loops.Crashed(reader.Loop, exception);
            return Turn.NotNow;
        }
    }

    /// <returns>False when the reader can't take the next record now.</returns>
    private async Task<bool> TellAsync(long at, long end)
    {
        var records = await log.ReadAfterAsync(at, BatchSize, ending.Token);
        foreach (var record in records)
        {
            if (!await reader.TellAsync(record, ending.Token))
                return false;
            position = record.Id;
        }

        // None: retention was faster; or an older store lies at the path now, whose cursor counts, so that its records are not passed over.
        if (records.Count == 0)
            position = end > at || reader.Cursor is not { } cursor ? end : await log.CursorAsync(cursor, ending.Token) ?? end;
        return true;
    }

    private async Task<long> BeginAsync()
    {
        stored = reader.Cursor is { } cursor ? await log.CursorAsync(cursor, ending.Token) : null;
        position = stored ?? await log.LastNumberBeforeAsync(ending.Token);
        return position.Value;
    }

    // Asked to stop, it waits for no more.
    private async Task<long> EndOfLogAsync(long at)
    {
        try
        {
            return await log.WaitAsync(at, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return await log.LastNumberAsync(ending.Token);
        }
    }

    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        if (reader.Cursor is not { } cursor || position is not { } at || at == stored)
            return;

        await log.MoveCursorAsync(cursor, at, cancellationToken);
        (stored, problem) = (at, null);
    }

    private async Task StoreAtTheEndAsync()
    {
        try
        {
            await StoreAsync(CancellationToken.None);
        }
        catch (StateStoreException exception)
        {
            WaitsForStore(exception);
        }
    }

    private void WaitsForStore(StateStoreException exception)
    {
        if (problem != exception.Message)
            StoreFailed(reader.Loop, exception.Message);
        problem = exception.Message;
    }

    [LoggerMessage(420, LogLevel.Warning, "What reads the audit log for '{Loop}' waits for the state store: {Reason}")]
    private partial void StoreFailed(Metrics.BackgroundLoop loop, string reason);
}
