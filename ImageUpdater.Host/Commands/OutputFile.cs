using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Commands;

internal static class OutputFile
{
    /// <summary>Writes the file atomically, readable for its owner only. Returns null, or why it could not be written.</summary>
    public static string? Write(string path, string text)
    {
        try
        {
            if (IsDevice(path))
            {
                File.WriteAllText(path, text);
                return null;
            }

            if (PrivateFile.IsLink(path))
                return $"cannot write '{path}': it is a symbolic link; use the path of the file itself, or remove the link";
            if (Directory.Exists(path))
                return $"cannot write '{path}': the path is a folder";

            PrivateFile.Replace(path, text);
            return null;
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException or FileNotFoundException)
        {
            return $"cannot write '{path}': the folder does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            return $"cannot write '{path}': permission denied";
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            return $"cannot write '{path}': {exception.Message}";
        }
    }

    // The links of the system (/dev/stdout, /dev/fd/3) lead to what the process already has open. Anybody can create links in /dev/shm.
    private static bool IsDevice(string path)
    {
        var full = Path.GetFullPath(path);
        var file = new FileInfo(full);
        return (file.Exists && file.LinkTarget is null && file.Attributes.HasFlag(FileAttributes.Device))
            || (full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal));
    }
}
