using ImageUpdater.Core.Auditing;

namespace ImageUpdater.Persistence;

/// <summary>
/// The audit as a stream: records by number, in commit order; a record is visible only when all earlier ones are. Each reader keeps its
/// own cursor; no reader is called during a write.
/// </summary>
public interface IAuditLog
{
    /// <summary>Those with a number above <paramref name="after"/>, in their order. Retention may have left gaps.</summary>
    Task<IReadOnlyList<AuditRecord>> ReadAfterAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>The number of the newest record; 0 before the first.</summary>
    Task<long> LastNumberAsync(CancellationToken cancellationToken);

    /// <summary>The same as it was before this process added its first record, whenever it is asked: from there on its own are news.</summary>
    Task<long> LastNumberBeforeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Waits while the log ends at <paramref name="after"/>, for a write of this process: a store that is open read-only has no readers to wait.
    /// Queries the database once in its life.
    /// </summary>
    /// <returns>
    /// The number of a record that is committed, mostly of the newest. One below <paramref name="after"/> means that another, older store
    /// lies at the path now.
    /// </returns>
    Task<long> WaitAsync(long after, CancellationToken cancellationToken);

    /// <summary>The number of the record that the reader was done with last, or the end of the log where that is before it; null for one that never read.</summary>
    Task<long?> CursorAsync(string reader, CancellationToken cancellationToken);

    Task MoveCursorAsync(string reader, long position, CancellationToken cancellationToken);
}
