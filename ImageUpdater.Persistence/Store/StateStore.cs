using ImageUpdater.Core;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Requests;
using ImageUpdater.Persistence.Roles;
using ImageUpdater.Persistence.Upkeep;

namespace ImageUpdater.Persistence.Store;

/// <summary>The state of ImageUpdater, in one SQLite file, with one interface for each part of the pipeline.</summary>
/// <exception cref="StateStoreException">Thrown by every operation if the file can't be read or written.</exception>
public sealed class StateStore : IAsyncDisposable
{
    internal StateStore(StateDatabase database, TimeProvider time)
    {
        Database = database;
        Observing = new ObservingState(database);
        Planning = new PlanningState(database, time);
        Applying = new ApplyingState(database, time);
        Reporting = new ReportingState(database);
        Audit = new AuditLog(database, time);
        Upkeep = new StateUpkeep(database, time);
        Retries = new RetryRequests(database.Path);
    }

    public IObservingState Observing { get; }

    public IPlanningState Planning { get; }

    public IApplyingState Applying { get; }

    public IReportingState Reporting { get; }

    public IAuditLog Audit { get; }

    public StateUpkeep Upkeep { get; }

    /// <summary>Also with read-only access.</summary>
    public RetryRequests Retries { get; }

    public string Path => Database.Path;

    public bool IsReadOnly => Database.IsReadOnly;

    /// <summary>Size of the file and its write-ahead log, in bytes.</summary>
    public long SizeBytes => FileSize(Path) + FileSize(Path + "-wal");

    internal StateDatabase Database { get; }

    /// <summary>Opens the store. After a refusal, the file at the path is unchanged.</summary>
    public static async Task<Result<StateStore, StateStoreRefusal>> OpenAsync(
        StateStoreOptions options, TimeProvider time, CancellationToken cancellationToken) =>
        (await Opening.OpenAsync(options, cancellationToken)).IsSuccess(out var database, out var refusal) ? new StateStore(database, time) : refusal;

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    private static long FileSize(string path) => new FileInfo(path) is { Exists: true, Length: var length } ? length : 0;
}
