using ImageUpdater.Core;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    /// <summary>The store, or one sentence that says why it can't be had; then what lies at the path is as it was.</summary>
    public static async Task<Result<StateStore, StateStoreRefusal>> OpenAsync(
        StateStoreOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = System.IO.Path.GetFullPath(options.Path);
        var files = new Connections(path);
        LockFile? held = null;
        var opened = false;
        try
        {
            if (options.Access == StateStoreAccess.ReadWrite)
            {
                if (MakeFolder(path) is { } noFolder)
                    return noFolder;
                if (!LockFile.Take(path, options.Holder).IsSuccess(out held, out var taken))
                    return taken;
            }

            if (!StoreProbe.Look(path, files).IsSuccess(out var probe, out var refusal))
                return refusal;
            if (held is not null)
                await PrepareAsync(files, probe, cancellationToken);
            else if (probe.RefuseReading(path) is { } unread)
                return unread;

            opened = true;
            return new StateStore(path, files, held, time);
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

    private static StateStoreRefusal? MakeFolder(string path)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new($"the folder {folder} does not exist and can't be made: {OutsideText.Bound(exception.Message)}", StateStoreProblem.NoFolder);
        }
    }

    private static async Task PrepareAsync(Connections files, StoreProbe probe, CancellationToken cancellationToken)
    {
        files.CreateWriter();
        if (probe.Pending.Count > 0)
        {
            // The lock file is ours, so that nobody is migrating now.
            if (probe.IsMigrationLocked)
                files.Writer.Execute(Sql.UnlockMigrations);

            await using var context = new StateContext(files.Writing);
            await context.Database.MigrateAsync(cancellationToken);
        }

        files.Writer.Execute(Sql.ProtectAudit);
    }
}
