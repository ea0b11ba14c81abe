using ImageUpdater.Persistence.Upkeep;

namespace ImageUpdater.Host.Commands;

/// <summary>Writes a backup to standard output: kubectl cp needs tar in the container, and the image has none.</summary>
internal static class BackupStream
{
    public static async Task<int> WriteAsync(StateUpkeep store, CancellationToken cancellationToken)
    {
        if (!Console.IsOutputRedirected)
            return CommandLine.Fail("refusing to write a binary backup to a terminal; redirect the output, or name a file");

        // Complete before the first byte is written, so that a failed backup leaves no partial output.
        var folder = Directory.CreateTempSubdirectory("image-updater-backup-");
        try
        {
            var made = await store.BackupAsync(Path.Combine(folder.FullName, "state.db"), cancellationToken);
            if (!made.IsSuccess(out var backup, out var problem))
                return CommandLine.Fail(problem);

            await using var copy = File.OpenRead(backup.Path);
            await using var output = Console.OpenStandardOutput();
            await copy.CopyToAsync(output, cancellationToken);
            return CommandLine.Success;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
