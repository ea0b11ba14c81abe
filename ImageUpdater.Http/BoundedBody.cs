namespace ImageUpdater.Http;

/// <summary>Reads a response body up to a limit.</summary>
internal static class BoundedBody
{
    /// <summary>The whole body; null if it is longer than <paramref name="limit"/> bytes.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream body, int limit, CancellationToken cancellationToken)
    {
        using var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (read.Length + count > limit)
                return null;
            read.Write(buffer, 0, count);
        }

        return read.GetBuffer().AsMemory(0, (int)read.Length);
    }

    /// <summary>The first <paramref name="limit"/> bytes of the body, for error messages.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadStartAsync(Stream body, int limit, CancellationToken cancellationToken)
    {
        var start = new byte[limit];
        var length = await body.ReadAtLeastAsync(start, limit, throwOnEndOfStream: false, cancellationToken);
        return start.AsMemory(0, length);
    }
}
