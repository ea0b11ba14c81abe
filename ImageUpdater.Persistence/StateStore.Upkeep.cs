using ImageUpdater.Core;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImageUpdater.Persistence;

/// <param name="Path">Of the copy: a store as it was at one moment, whole in one file.</param>
public sealed record StateBackup(string Path, long SizeBytes);

public sealed partial class StateStore
{
    /// <summary>
    /// Writes a copy while the store is in use. Copying the file itself would leave out what is still in its write-ahead log.
    /// </summary>
    /// <returns>The copy, or one sentence that says why there is none; then nothing is left at its path.</returns>
    public async Task<Result<StateBackup, string>> BackupAsync(string path, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        var target = System.IO.Path.GetFullPath(path);
        if (System.IO.Path.Exists(target))
            return $"{target} exists already: a backup replaces nothing, give another name";

        // Under another name until it is whole, so that a backup that was cut short is not taken for one.
        var partial = $"{target}.partial";
        try
        {
            File.Delete(partial);
            using (var connection = connections.OpenReader())
                connection.Execute(Sql.Backup, ("$path", partial));
            await using (var written = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite))
                written.Flush(flushToDisk: true);
            File.Move(partial, target, overwrite: false);
            return new StateBackup(target, FileSize(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SqliteException)
        {
            DeleteQuietly(partial);
            return exception is SqliteException && SqliteTrouble.Of(exception, target) is { Kind: StateStoreProblem.DiskFull }
                ? $"the volume of {target} has no room for the backup"
                : $"the backup {target} could not be written: {OutsideText.Bound(exception.Message)}";
        }
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What went wrong before is what the user is told.
        }
    }
}
