using ImageUpdater.Persistence.Upkeep;

namespace ImageUpdater.Host.Commands;

/// <summary>A backup through the standard output: the container has no shell and no tar, so kubectl cp can't fetch a file from it.</summary>
internal static class BackupStream
{
    public static async Task<int> WriteAsync(StateUpkeep store, CancellationToken cancellationToken)
    {
        if (!Console.IsOutputRedirected)
            return CommandLine.Fail("a backup is no text for a terminal: send the output to a file, or name one");

        // Whole before the first byte goes out, so that a backup that fails is none.
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
