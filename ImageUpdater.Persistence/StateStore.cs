using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

/// <summary>
/// Everything that ImageUpdater remembers, in one SQLite file. Each write is one transaction, and writes follow each other;
/// reads go on beside them. SQLite is synchronous, so that the tasks are mostly done when they are returned.
/// </summary>
/// <exception cref="StateStoreException">By every operation, when the file can't be read or written for now.</exception>
public sealed partial class StateStore : IAsyncDisposable
{
    private readonly Connections connections;
    private readonly LockFile? lockFile;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly Remembered<IReadOnlyDictionary<ImageReference, ImageState>> rememberedImages = new();
    private readonly Remembered<IReadOnlyDictionary<ContainerId, Baseline>> rememberedBaselines = new();
    private readonly Remembered<IReadOnlyDictionary<ContainerId, StandingDecision>> rememberedDecisions = new();
    private bool disposed;

    private StateStore(string path, Connections connections, LockFile? lockFile, TimeProvider time)
    {
        Path = path;
        this.connections = connections;
        this.lockFile = lockFile;
        this.time = time;
    }

    public string Path { get; }

    public bool IsReadOnly => lockFile is null;

    /// <summary>Of the file and its write-ahead log.</summary>
    public long SizeBytes => FileSize(Path) + FileSize(Path + "-wal");

    /// <summary>For tests that take the room away.</summary>
    internal SqliteConnection Writer => connections.Writer;

    public async ValueTask DisposeAsync()
    {
        await writing.WaitAsync();
        if (!disposed)
        {
            disposed = true;
            connections.Dispose();
            lockFile?.Dispose();
        }

        // Not disposed: a caller that comes too late shall be told so by the check below.
        writing.Release();
    }

    private async Task<T> ReadAsync<T>(Func<StateContext, Task<T>> query)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        try
        {
            await using var context = new StateContext(connections.Reading);
            return await query(context);
        }
        catch (Exception exception) when (SqliteTrouble.Of(exception, Path) is { } trouble)
        {
            throw new StateStoreException(trouble.Sentence, trouble.Kind, exception);
        }
    }

    /// <param name="committed">While no other write is under way.</param>
    private async Task<T> WriteAsync<T>(Func<StateContext, Task<T>> change, CancellationToken cancellationToken, Action? committed = null)
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
                throw new StateStoreException(gone.Sentence, gone.Kind, inner: null);
            }

            await using var context = new StateContext(connections.Writing);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var result = await change(context);
            var news = Written is null ? null : Noticed.In(context);
            var changesBooks = context.ChangeTracker.Entries().Any(entry =>
                entry.State != EntityState.Unchanged && entry.Entity is BaselineRow or DecisionRow or WorkloadRow);
            await context.SaveChangesAsync(cancellationToken);
            // From here on the caller must not be told "cancelled" about something that was stored.
            await transaction.CommitAsync(CancellationToken.None);
            committed?.Invoke();
            if (changesBooks)
                BooksChanged();
            Tell(news);
            return result;
        }
        catch (Exception) when (ForgetEverything())
        {
            throw;
        }
        catch (Exception exception) when (SqliteTrouble.Of(exception, Path) is { } trouble)
        {
            // A volume that was lost and came back needs new file handles; one that was full does not.
            if (trouble.Kind != StateStoreProblem.DiskFull)
                connections.ReopenWriter();
            throw new StateStoreException(trouble.Sentence, trouble.Kind, exception);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>What is there by now may be anything: another file, after the volume was lost and came back. A filter, so that it stays one and the same exception.</summary>
    private bool ForgetEverything()
    {
        rememberedImages.Changed();
        BooksChanged();
        return false;
    }

    private void BooksChanged()
    {
        rememberedBaselines.Changed();
        rememberedDecisions.Changed();
    }

    private async Task<T> RecallAsync<T>(Remembered<T> memory, Func<StateContext, Task<T>> query)
        where T : class
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return IsReadOnly ? await ReadAsync(query) : await memory.GetAsync(() => ReadAsync(query));
    }

    private static long FileSize(string path) => new FileInfo(path) is { Exists: true, Length: var length } ? length : 0;
}
