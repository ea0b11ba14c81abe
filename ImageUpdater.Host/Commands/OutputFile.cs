namespace ImageUpdater.Host.Commands;

internal static class OutputFile
{
    /// <summary>Null, or why the file could not be written. A file is there whole or not at all.</summary>
    public static string? Write(string path, string text)
    {
        try
        {
            // Links and devices, /dev/stdout being both, are written to and not replaced.
            var target = new FileInfo(path);
            if (target.Exists && (target.LinkTarget is not null || target.Attributes.HasFlag(FileAttributes.Device)))
            {
                File.WriteAllText(path, text);
                return null;
            }

            if (Directory.Exists(path))
                return $"cannot write '{path}': it is a folder";

            var part = path + ".part";
            File.WriteAllText(part, text);
            File.Move(part, path, overwrite: true);
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return $"cannot write '{path}': its folder does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            return $"cannot write '{path}': this user may not";
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            return $"cannot write '{path}': {exception.Message}";
        }
    }
}
