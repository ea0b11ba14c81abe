using ImageUpdater.Core.Auditing;

namespace ImageUpdater.Persistence;

/// <summary>
/// The audit as a stream: records are numbered in commit order, and a record is visible only when all earlier ones are. Each reader has its
/// own cursor. Readers poll or wait; they are never called during a write.
/// </summary>
public interface IAuditLog
{
    /// <summary>Another process writes to the store, and has the readers.</summary>
    bool IsReadOnly { get; }

    /// <summary>Records with numbers above <paramref name="after"/>, ascending. Numbers can have gaps, which retention leaves.</summary>
    Task<IReadOnlyList<AuditRecord>> ReadAfterAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>The number of the newest record; 0 if there is none.</summary>
    Task<long> LastNumberAsync(CancellationToken cancellationToken);

    /// <summary>The number of the newest record before this process's first one, at whatever time this is called. A new reader starts there.</summary>
    Task<long> LastNumberBeforeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Waits while the newest record is <paramref name="after"/>, until this process writes another. Does not see records of other processes.
    /// Queries the database at the first call only.
    /// </summary>
    /// <returns>
    /// The number of a committed record, usually of the newest. A number below <paramref name="after"/> means that an older store was restored
    /// at the path.
    /// </returns>
    Task<long> WaitAsync(long after, CancellationToken cancellationToken);

    /// <summary>The number of the last record that the reader processed, at most the end of the log; null for a new reader.</summary>
    Task<long?> CursorAsync(string reader, CancellationToken cancellationToken);

    Task MoveCursorAsync(string reader, long position, CancellationToken cancellationToken);
}
