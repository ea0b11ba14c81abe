using ImageUpdater.Host.Logging;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Auditing;

/// <summary>
/// Passes the audit records to one reader in the background, so that the cycles never wait for it. The stored cursor follows the reader: after
/// a crash a record may be delivered twice, and none is lost. A reader that fails gets the same record again, with growing delays, while the
/// other readers continue.
/// </summary>
internal sealed partial class AuditReaderLoop(IAuditReader reader, IAuditLog log, BackgroundLoops loops, TimeProvider time, ILogger<AuditReaderLoop> logger) : IDisposable
{
    private const int BatchSize = 100;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // The last cursor is stored after the time limit for deliveries, but not at any price: the next process delivers the last records again.
    private static readonly TimeSpan StoreWithin = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource ending = new(Timeout.InfiniteTimeSpan, time);
    private Task running = Task.CompletedTask;
    private long? position;
    private long? stored;
    private string? problem;
    private bool isDelivering;
    private bool couldNotBegin;

    private enum Delivery
    {
        /// <summary>All records were delivered. Only returned while stopping: otherwise the loop waits for more.</summary>
        AtEnd,

        Done,
        Failed,
    }

    /// <summary>Starts the loop. A new reader gets all records written since the process started, so that callers need not wait for this.</summary>
    /// <param name="after">Delay before the log is first read.</param>
    public void Start(TimeSpan after) => running = Task.Run(() => RunAsync(after));

    /// <summary>Delivers the records that are in the log, within this time. The next process delivers the rest, if the reader has a cursor.</summary>
    public async Task StopAsync(TimeSpan within)
    {
        ending.CancelAfter(within);
        await stopping.CancelAsync();
        await running;
    }

    /// <summary>Call after <see cref="StopAsync"/>.</summary>
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
            var delivery = await DeliverNextAsync();
            if (delivery != Delivery.Done && stopping.IsCancellationRequested)
                break;
            if (delivery == Delivery.Done || position != before)
                pause = FirstPause;
            if (delivery == Delivery.Done)
                continue;

            await Task.Delay(pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        await StoreAtTheEndAsync();
    }

    private async Task<Delivery> DeliverNextAsync()
    {
        isDelivering = false;
        try
        {
            var at = position ?? await BeginAsync();
            // A new reader's cursor is stored at once: if the process were killed before, records from before its first one would be lost.
            await StoreAsync(ending.Token);
            // Otherwise only a delivery shows that the reader works again.
            if (couldNotBegin)
                loops.Works(reader.Loop);
            couldNotBegin = false;
            var end = await EndOfLogAsync(at);
            if (end == at)
                return Delivery.AtEnd;

            isDelivering = true;
            var isDone = await DeliverAsync(at, end);
            problem = null;
            loops.Works(reader.Loop);
            return isDone ? Delivery.Done : Delivery.Failed;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return Delivery.Failed;
        }
        catch (StateStoreException exception)
        {
            WaitsForStore(exception);
            return Delivery.Failed;
        }
        catch (Exception exception)
        {
            // A bug, most likely in the reader.
            couldNotBegin = !isDelivering;
            loops.Crashed(reader.Loop, exception);
            return Delivery.Failed;
        }
    }

    /// <returns>False if the reader can't take the next record now.</returns>
    private async Task<bool> DeliverAsync(long at, long end)
    {
        var records = await log.ReadAfterAsync(at, BatchSize, ending.Token);
        foreach (var record in records)
        {
            if (!await reader.ProcessAsync(record, ending.Token))
                return false;
            position = record.Id;
        }

        // No records: retention removed them, or an older store was restored at the path. Then its own cursor counts, so that no record is skipped.
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

    // When stopping, does not wait for new records.
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
        using var limit = new CancellationTokenSource(StoreWithin, time);
        try
        {
            await StoreAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            CursorNotStored(reader.Loop);
        }
        catch (StateStoreException exception)
        {
            WaitsForStore(exception);
        }
        catch (Exception exception)
        {
            // A bug. It must not replace the exit code of a command; the next process delivers the last records again.
            loops.Crashed(reader.Loop, exception);
        }
    }

    private void WaitsForStore(StateStoreException exception)
    {
        if (problem != exception.Message)
            StoreFailed(reader.Loop, exception.Message);
        problem = exception.Message;
        StoreFailure.LogCause(logger, exception);
    }

    [LoggerMessage(421, LogLevel.Warning, "Audit log reader '{Loop}' could not store how far it is; the next start processes its last records again")]
    private partial void CursorNotStored(Metrics.BackgroundLoop loop);

    [LoggerMessage(420, LogLevel.Warning, "Audit log reader '{Loop}' is waiting for the state store: {Reason}")]
    private partial void StoreFailed(Metrics.BackgroundLoop loop, string reason);
}
