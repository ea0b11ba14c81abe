using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Database;

/// <summary>
/// Shared by all roles: the connections and the write lock. Every write is one transaction; writes run one at a time, reads run concurrently.
/// SQLite is synchronous, so most tasks have completed when they are returned.
/// </summary>
/// <exception cref="StateStoreException">Thrown by every operation if the file can't be read or written.</exception>
internal sealed class StateDatabase : IAsyncDisposable
{
    private readonly Connections connections;
    private readonly LockFile? lockFile;
    private readonly SemaphoreSlim writing = new(1, 1);
    private bool disposed;

    /// <param name="lockFile">Null for read-only access.</param>
    public StateDatabase(string path, Connections connections, LockFile? lockFile)
    {
        Path = path;
        this.connections = connections;
        this.lockFile = lockFile;
        Cache = new StateCache(this);
    }

    public string Path { get; }

    public bool IsReadOnly => lockFile is null;

    public StateCache Cache { get; }

    public AuditNumbers AuditNumbers { get; } = new();

    /// <summary>For tests that limit the size of the database.</summary>
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

    /// <summary>A read-only connection without EF Core, for pragmas and VACUUM INTO.</summary>
    public SqliteConnection OpenReader()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return connections.OpenReader();
    }

    /// <summary>
    /// Runs a change in one transaction, and numbers the audit records that it adds. Afterwards the cached values that have its rows are dropped. They are
    /// those of the change tracker: for ExecuteDelete and ExecuteUpdate use <see cref="WriteBulkAsync"/>.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<StateContext, Task<T>> change, CancellationToken cancellationToken) => WriteAsync(change, isBulk: false, cancellationToken);

    /// <summary>The same for a change that bypasses the change tracker: all cached values are dropped.</summary>
    public Task<T> WriteBulkAsync<T>(Func<StateContext, Task<T>> change, CancellationToken cancellationToken) => WriteAsync(change, isBulk: true, cancellationToken);

    private Task<T> WriteAsync<T>(Func<StateContext, Task<T>> change, bool isBulk, CancellationToken cancellationToken) => WithWriterAsync(
        async _ =>
        {
            await using var context = connections.Writing();
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var changed = new HashSet<Type>();
            // A change may save several times.
            context.SavingChanges += Collect;
            var result = await change(context);
            var recorded = await AuditNumbers.GiveAsync(context, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            // The contexts are pooled.
            context.SavingChanges -= Collect;
            // After the commit, cancellation must not be reported for stored data.
            await transaction.CommitAsync(CancellationToken.None);
            Cache.Forget(isBulk ? null : changed);
            if (recorded is { } number)
                AuditNumbers.Committed(number);
            return result;

            void Collect(object? sender, SavingChangesEventArgs saving) => changed.UnionWith(
                context.ChangeTracker.Entries().Where(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted).Select(entry => entry.Metadata.ClrType));
        },
        cancellationToken);

    /// <summary>Runs work on the writing connection, outside of a transaction, while no other write runs.</summary>
    public async Task<T> WithWriterAsync<T>(Func<SqliteConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        if (IsReadOnly)
            throw new InvalidOperationException("The state store was opened read-only.");

        await writing.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            // SQLite can write to a deleted file without an error, and everything would be lost when the process ends.
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

    /// <summary>After any error, the file may be another one (a volume that was lost and mounted again). An exception filter, so that the exception is not rethrown.</summary>
    private bool Forget()
    {
        Cache.Forget();
        return false;
    }
}
