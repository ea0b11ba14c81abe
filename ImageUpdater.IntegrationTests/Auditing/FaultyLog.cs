using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence;

namespace ImageUpdater.IntegrationTests.Auditing;

/// <summary>A log whose operations can fail for a while, or that is replaced by another store.</summary>
internal sealed class FaultyLog(IAuditLog log) : IAuditLog
{
    private readonly TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IAuditLog log = log;
    private int failures;

    public volatile StateStoreException? Reads;

    public volatile StateStoreException? Moves;

    public volatile Exception? Bug;

    /// <summary>Moves of a cursor wait until they are cancelled, as for the lock of a long write.</summary>
    public volatile bool MovesHang;

    public int Failures => failures;

    public bool IsReadOnly => log.IsReadOnly;

    public void ReplaceWith(IAuditLog other)
    {
        log = other;
        changed.SetResult();
    }

    public Task<IReadOnlyList<AuditRecord>> ReadAfterAsync(long after, int limit, CancellationToken cancellationToken) =>
        Reads is { } fault ? FailAsync<IReadOnlyList<AuditRecord>>(fault) : log.ReadAfterAsync(after, limit, cancellationToken);

    public Task<long> LastNumberAsync(CancellationToken cancellationToken) => log.LastNumberAsync(cancellationToken);

    public Task<long> LastNumberBeforeAsync(CancellationToken cancellationToken) => log.LastNumberBeforeAsync(cancellationToken);

    public async Task<long> WaitAsync(long after, CancellationToken cancellationToken)
    {
        var waiting = log.WaitAsync(after, cancellationToken);
        return await Task.WhenAny(waiting, changed.Task) == waiting ? await waiting : await log.WaitAsync(after, cancellationToken);
    }

    public Task<long?> CursorAsync(string reader, CancellationToken cancellationToken) =>
        Bug is { } bug ? throw bug : Reads is { } fault ? FailAsync<long?>(fault) : log.CursorAsync(reader, cancellationToken);

    public Task MoveCursorAsync(string reader, long position, CancellationToken cancellationToken) =>
        MovesHang ? Task.Delay(Timeout.Infinite, cancellationToken) :
        Moves is { } fault ? FailAsync<bool>(fault) : log.MoveCursorAsync(reader, position, cancellationToken);

    private Task<T> FailAsync<T>(StateStoreException fault)
    {
        Interlocked.Increment(ref failures);
        return Task.FromException<T>(fault);
    }
}
