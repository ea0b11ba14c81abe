using ImageUpdater.Core;

namespace ImageUpdater.Http;

/// <summary>Reads files named by a user or mounted by the kubelet; a file that can't be read is a failure value.</summary>
internal static class LocalFile
{
    /// <summary>The text, or why it can't be read.</summary>
    public static Result<string, ReadFailure> ReadText(string path) => Read(path, File.ReadAllText);

    /// <summary>The files of a folder.</summary>
    public static Result<string[], ReadFailure> List(string path) => Read(path, Directory.GetFiles);

    private static Result<T, ReadFailure> Read<T>(string path, Func<string, T> read)
        where T : class
    {
        try
        {
            return read(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ReadFailure($"'{path}' does not exist", Missing: true);
        }
        catch (UnauthorizedAccessException)
        {
            var why = Directory.Exists(path) && typeof(T) == typeof(string) ? "is a folder, not a file" : "can't be read: permission denied";
            return new ReadFailure($"'{path}' {why}", Missing: false);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            return new ReadFailure($"'{path}' could not be read ({UntrustedText.Bound(exception.Message)})", Missing: false);
        }
    }

    internal sealed record ReadFailure(string Message, bool Missing);
}
