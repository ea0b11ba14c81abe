namespace ImageUpdater.Persistence;

/// <summary>
/// Files that other users can't read, and that are never written through a symbolic link: whoever can write to their folder could otherwise have
/// other files overwritten with ImageUpdater's permissions.
/// </summary>
public static class PrivateFile
{
    private const UnixFileMode OfOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// 0600; in a folder with the setgid bit 0640, so that the folder's group can read. Kubernetes sets that bit, and the group, on a volume for a pod with
    /// <c>fsGroup</c>.
    /// </summary>
    public static UnixFileMode ModeIn(string folder) =>
        !OperatingSystem.IsWindows() && File.GetUnixFileMode(folder).HasFlag(UnixFileMode.SetGroup) ? OfOwner | UnixFileMode.GroupRead : OfOwner;

    public static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    /// <summary>A new file; fails if there is something with that name, also a link.</summary>
    public static FileStream Create(string path) => new(path, Options(path, FileMode.CreateNew));

    /// <summary>Replaces the file, or the link, by one with this text. A reader sees the old or the new one as a whole.</summary>
    public static void Replace(string path, string text)
    {
        var part = $"{path}.{Path.GetRandomFileName()}.part";
        try
        {
            using (var writer = new StreamWriter(Create(part)))
                writer.Write(text);
            File.Move(part, path, overwrite: true);
        }
        catch
        {
            DeleteQuietly(part);
            throw;
        }
    }

    internal static FileStream OpenOrCreate(string path) => new(path, Options(path, FileMode.OpenOrCreate));

    /// <summary>Takes permissions away from a file of an earlier version; leaves one that is somebody else's.</summary>
    internal static void Restrict(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
            return;

        try
        {
            var (mode, allowed) = (File.GetUnixFileMode(path), ModeIn(FolderOf(path)));
            if ((mode & ~allowed) != UnixFileMode.None)
                File.SetUnixFileMode(path, mode & allowed);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only its owner may change the permissions. It is used as it is.
        }
    }

    internal static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The first error is the one reported to the user.
        }
    }

    private static FileStreamOptions Options(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = ModeIn(FolderOf(path));
        return options;
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;
}
