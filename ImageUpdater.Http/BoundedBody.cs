namespace ImageUpdater.Http;

/// <summary>Reads the start of a response body.</summary>
internal static class BoundedBody
{
    /// <summary>The first <paramref name="limit"/> bytes of the body, for error messages.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadStartAsync(Stream body, int limit, CancellationToken cancellationToken)
    {
        var start = new byte[limit];
        var length = await body.ReadAtLeastAsync(start, limit, throwOnEndOfStream: false, cancellationToken);
        return start.AsMemory(0, length);
    }
}
