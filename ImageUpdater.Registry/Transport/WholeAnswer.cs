using System.IO.Compression;
using ImageUpdater.Registry.Bodies;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Reads the whole body of a successful response and discards others, so that the connection, the slot and the time limit are no longer
/// needed when the handlers return.
/// </summary>
internal static class WholeAnswer
{
    /// <exception cref="RefusedException">The body exceeds the call's limit, or is not valid gzip.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async Task ReadAsync(HttpResponseMessage response, BodyMemory memory, CancellationToken cancellationToken)
    {
        var (sent, call) = (response.Content, RegistryCall.Of(response.RequestMessage!));
        try
        {
            if (call.ReadBody is { } read && response.IsSuccessStatusCode && response.RequestMessage!.Method != HttpMethod.Head)
                RegistryCall.SetBody(response, await ReadAsync(call, read, sent, memory, cancellationToken));
            response.Content = new ReadOnlyMemoryContent(ReadOnlyMemory<byte>.Empty);
            response.Content.Headers.ContentType = sent.Headers.ContentType;
        }
        catch (InvalidDataException)
        {
            throw new RefusedException(Failures.Invalid(call.Server, call.Subject, "sent a response that is not valid gzip"));
        }
        finally
        {
            sent.Dispose();
        }
    }

    private static async Task<object> ReadAsync(RegistryCall call, ReadBody read, HttpContent content, BodyMemory memory, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > call.BodyLimit)
            throw new RefusedException(Failures.TooLarge(call));

        await using var sent = await content.ReadAsStreamAsync(cancellationToken);
        await using var stream = IsZipped(content) ? new GZipStream(sent, CompressionMode.Decompress) : sent;
        return await read(call, stream, memory, cancellationToken);
    }

    // Some proxies compress without being asked. The digest is that of the uncompressed content.
    private static bool IsZipped(HttpContent content) => content.Headers.ContentEncoding.SequenceEqual(["gzip"], StringComparer.OrdinalIgnoreCase);
}
