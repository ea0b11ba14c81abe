namespace ImageUpdater.Persistence.Sqlite;

internal static class Volume
{
    // SQLite's shared memory file (-shm) grows in steps of this size.
    private const long LeastRoom = 32 * 1024;

    public static bool IsFull(string path)
    {
        try
        {
            return Path.GetDirectoryName(path) is { } folder && new DriveInfo(folder).AvailableFreeSpace < LeastRoom;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false; // Not known to be full: the original error message is used.
        }
    }
}
