namespace ImageUpdater.Host.Commands;

internal static class OutputFile
{
    /// <summary>Writes the file atomically. Returns null, or why it could not be written.</summary>
    public static string? Write(string path, string text)
    {
        try
        {
            // Links and devices (/dev/stdout is both) are written through, not replaced.
            var target = new FileInfo(path);
            if (target.Exists && (target.LinkTarget is not null || target.Attributes.HasFlag(FileAttributes.Device)))
            {
                File.WriteAllText(path, text);
                return null;
            }

            if (Directory.Exists(path))
                return $"cannot write '{path}': the path is a folder";

            var part = path + ".part";
            File.WriteAllText(part, text);
            File.Move(part, path, overwrite: true);
            return null;
        }
        catch (DirectoryNotFoundException)
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
}
