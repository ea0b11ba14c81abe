using ImageUpdater.Core;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImageUpdater.Persistence.Upkeep;

/// <summary>Copies a store while it is in use.</summary>
internal static class Backup
{
    public static async Task<Result<StateBackup, string>> WriteAsync(StateDatabase database, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var target = Path.GetFullPath(path);
        if (Path.Exists(target) || PrivateFile.IsLink(target))
            return $"{target} already exists; a backup does not overwrite files, use another name";

        // Written under another name, so that an incomplete file is not mistaken for a backup.
        var partial = $"{target}.partial";
        try
        {
            File.Delete(partial);
            // SQLite writes into an empty file, which has the right permissions and is no link.
            await PrivateFile.Create(partial).DisposeAsync();
            using (var connection = database.OpenReader())
                connection.Execute(Sql.Backup, ("$path", partial));
            await using (var written = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite))
                written.Flush(flushToDisk: true);
            File.Move(partial, target, overwrite: false);
            return new StateBackup(target, new FileInfo(target).Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SqliteException)
        {
            PrivateFile.DeleteQuietly(partial);
            return exception is SqliteException && SqliteTrouble.Of(exception, target) is { Kind: StateStoreProblem.DiskFull }
                ? $"the volume of {target} has no space for the backup; free some, or write the backup to another volume"
                : $"the backup {target} could not be written: {UntrustedText.Bound(exception.Message)}";
        }
    }
}
