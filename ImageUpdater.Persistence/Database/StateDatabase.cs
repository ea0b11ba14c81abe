using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImageUpdater.Persistence.Database;

/// <summary>
/// The unit that all roles share: the connections, and the turn of whoever writes. Each write is one transaction, and writes follow each
/// other; reads go on beside them. SQLite is synchronous, so that the tasks are mostly done when they are returned.
/// </summary>
/// <exception cref="StateStoreException">By every operation, when the file can't be read or written for now.</exception>
internal sealed class StateDatabase : IAsyncDisposable
{
    private readonly Connections connections;
    private readonly LockFile? lockFile;
    private readonly SemaphoreSlim writing = new(1, 1);
    private bool disposed;

    /// <param name="lockFile">Null for reading alone.</param>
    public StateDatabase(string path, Connections connections, LockFile? lockFile)
    {
        Path = path;
        this.connections = connections;
        this.lockFile = lockFile;
        Memory = new StateMemory(this);
    }

    public string Path { get; }

    public bool IsReadOnly => lockFile is null;

    public StateMemory Memory { get; }

    public AuditNumbers AuditNumbers { get; } = new();

    /// <summary>For tests that take the room away.</summary>
    internal SqliteConnection Writer => connections.Writer;

    public async Task<T> ReadAsync<T>(Func<StateContext, Task<T>> query)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        try
        {
            await using var context = connections.Reading();
            return await query(context);
        }
        catch (Exception exception) when (SqliteTrouble.Of(exception, Path) is { } trouble)
        {
            throw new StateStoreException(trouble.Message, trouble.Kind, exception);
        }
    }

    /// <summary>A connection outside EF, for SQLite's own statements.</summary>
    public SqliteConnection OpenReader()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return connections.OpenReader();
    }

    /// <summary>One transaction, in which the audit records that it adds get their numbers. What is remembered is read again afterwards.</summary>
    public Task<T> WriteAsync<T>(Func<StateContext, Task<T>> change, CancellationToken cancellationToken) => WriteAsync(change, Memory.Forget, cancellationToken);

    /// <param name="committed">Forgets what the change made another of.</param>
    public Task<T> WriteAsync<T>(Func<StateContext, Task<T>> change, Action committed, CancellationToken cancellationToken) => InTurnAsync(
        async _ =>
        {
            await using var context = connections.Writing();
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var result = await change(context);
            var recorded = await AuditNumbers.GiveAsync(context, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            // After the commit, cancellation must not be reported for stored data.
            await transaction.CommitAsync(CancellationToken.None);
            committed();
            if (recorded is { } number)
                AuditNumbers.Committed(number);
            return result;
        },
        cancellationToken);

    /// <summary>While nobody else writes, and outside of a transaction.</summary>
    public async Task<T> InTurnAsync<T>(Func<SqliteConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        if (IsReadOnly)
            throw new InvalidOperationException("The store was opened for reading.");

        await writing.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            // SQLite goes on writing to a file that was deleted, and all of it would be lost at the end.
            if (!File.Exists(Path))
            {
                connections.ReopenWriter();
                var gone = SqliteTrouble.Gone(Path);
                throw new StateStoreException(gone.Message, gone.Kind, inner: null);
            }

            return await work(connections.Writer);
        }
        catch (Exception) when (Forget())
        {
            throw;
        }
        catch (Exception exception) when (SqliteTrouble.Of(exception, Path) is { } trouble)
        {
            // A volume that was lost and came back needs new file handles; one that was full does not.
            if (trouble.Kind != StateStoreProblem.DiskFull)
                connections.ReopenWriter();
            throw new StateStoreException(trouble.Message, trouble.Kind, exception);
        }
        finally
        {
            writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await writing.WaitAsync();
        if (!disposed)
        {
            disposed = true;
            connections.Dispose();
            lockFile?.Dispose();
        }

        // Not disposed, so that a late caller gets the error of the check above.
        writing.Release();
    }

    /// <summary>What is there by now may be anything: another file, after the volume was lost and came back. A filter, so that it stays one and the same exception.</summary>
    private bool Forget()
    {
        Memory.Forget();
        return false;
    }
}
