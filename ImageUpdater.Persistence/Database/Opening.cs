using ImageUpdater.Core;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Database;

/// <summary>Takes the lock, inspects the file at the path, and opens or migrates it, or leaves it unchanged.</summary>
internal static class Opening
{
    public static async Task<Result<StateDatabase, StateStoreRefusal>> OpenAsync(StateStoreOptions options, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(options.Path);
        var files = new Connections(path);
        LockFile? held = null;
        var opened = false;
        try
        {
            if (options.Access == StateStoreAccess.ReadWrite)
            {
                if (MakeFolder(path) is { } noFolder)
                    return noFolder;
                if (Files(path).FirstOrDefault(PrivateFile.IsLink) is { } link)
                    return StateStoreRefusal.OfLink(link);
                if (!LockFile.Take(path, options.Holder).IsSuccess(out held, out var taken))
                    return taken;
            }

            if (!StoreProbe.Inspect(path, files).IsSuccess(out var probe, out var refusal))
                return refusal;
            if (held is not null)
                await PrepareAsync(path, files, probe, cancellationToken);
            else if (probe.RefuseReading(path) is { } unread)
                return unread;

            opened = true;
            return new StateDatabase(path, files, held);
        }
        catch (Exception exception) when (SqliteTrouble.Of(exception, path) is { } trouble)
        {
            return trouble;
        }
        finally
        {
            if (!opened)
            {
                files.Dispose();
                held?.Dispose();
            }
        }
    }

    // SQLite would create it with the permissions that the umask leaves. It takes an empty file as a new one.
    private static async Task CreateAsync(string path)
    {
        if (!File.Exists(path))
            await PrivateFile.Create(path).DisposeAsync();
    }

    private static StateStoreRefusal? MakeFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new($"the folder {folder} does not exist and can't be created: {UntrustedText.Bound(exception.Message)}", StateStoreProblem.NoFolder);
        }
    }

    // SQLite creates the others with the permissions of the first, and follows no link to them either.
    private static string[] Files(string path) => [path, $"{path}-wal", $"{path}-shm", $"{path}-journal"];

    private static async Task PrepareAsync(string path, Connections files, StoreProbe probe, CancellationToken cancellationToken)
    {
        await CreateAsync(path);
        foreach (var file in Files(path))
            PrivateFile.Restrict(file);
        files.CreateWriter();
        if (probe.Pending.Count > 0)
        {
            // This process holds the lock file, so no other process is migrating: the lock is from a process that was killed.
            if (probe.IsMigrationLocked)
                files.Writer.Execute(Sql.UnlockMigrations);

            await using var context = files.Writing();
            await context.Database.MigrateAsync(cancellationToken);
        }

        files.Writer.Execute(Sql.ProtectAudit);
    }
}
