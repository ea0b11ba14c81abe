using ImageUpdater.Core;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Sqlite;

namespace ImageUpdater.Persistence.Upkeep;

/// <summary>How many rows retention deleted.</summary>
public sealed record PruneCounts(int Audit, int Rollouts, int Plans, int Observations, int Manifests)
{
    /// <summary>Workloads that were deleted, or are not enabled any more.</summary>
    public int Workloads { get; init; }

    /// <summary>Images that no workload uses any more.</summary>
    public int Images { get; init; }

    public int Total => Audit + Rollouts + Plans + Observations + Manifests + Workloads + Images;
}

/// <param name="Path">Path of the copy, a consistent store in one file.</param>
public sealed record StateBackup(string Path, long SizeBytes);

/// <summary>Maintenance of the store: retention, backup and checks.</summary>
public sealed class StateUpkeep
{
    // A store that is busy longer than this, for example with a long write, is not reported as a problem.
    private static readonly TimeSpan ProbePatience = TimeSpan.FromMilliseconds(500);

    private readonly StateDatabase database;
    private readonly TimeProvider time;

    internal StateUpkeep(StateDatabase database, TimeProvider time) => (this.database, this.time) = (database, time);

    /// <summary>
    /// Deletes rows older than <paramref name="before"/>: audit records, rollouts that ended, plans, observations whose digest was
    /// replaced, and everything about workloads that are gone and images that nobody uses for that long. The newest audit record and the newest rollout
    /// of each other workload stay, as does the newest observation of each other image. Returns the space to the file system.
    /// </summary>
    public Task<PruneCounts> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => new Retention(database, time).PruneAsync(before, cancellationToken);

    /// <summary>
    /// Writes a copy while the store is in use. Copying the file would miss data that is only in the write-ahead log.
    /// </summary>
    /// <returns>The copy, or an error message; then no file is left at the path.</returns>
    public Task<Result<StateBackup, string>> BackupAsync(string path, CancellationToken cancellationToken) => Backup.WriteAsync(database, path, cancellationToken);

    /// <summary>Checks the whole store.</summary>
    /// <returns>One message per problem; empty if there is none.</returns>
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken) => new Consistency(database).CheckAsync(cancellationToken);

    /// <summary>Checks whether the store can be written to, with an empty transaction.</summary>
    /// <returns>An error message; null if the store can be written to.</returns>
    public async Task<string?> ProbeAsync(CancellationToken cancellationToken) => (await TroubleAsync(cancellationToken))?.Message;

    /// <summary>Throws what the next write would throw, so that work whose result could not be stored is not begun.</summary>
    public async Task RequireWritableAsync(CancellationToken cancellationToken)
    {
        if (await TroubleAsync(cancellationToken) is { } trouble)
            throw trouble;
    }

    private async Task<StateStoreException?> TroubleAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(ProbePatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await database.WriteAsync(_ => Task.FromResult(true), either.Token);
            if (!Volume.IsFull(database.Path))
                return null;
            var full = SqliteTrouble.DiskFull(database.Path);
            return new StateStoreException(full.Message, full.Kind, inner: null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (StateStoreException exception)
        {
            return exception;
        }
    }
}
