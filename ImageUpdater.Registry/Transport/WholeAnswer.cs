using System.IO.Compression;
using ImageUpdater.Http;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Reads the whole body of a successful response and discards others, so that the connection, the slot and the time limit are no longer
/// needed when the handlers return.
/// </summary>
internal static class WholeAnswer
{
    /// <exception cref="RefusedException">The body exceeds the call's limit, or is not valid gzip.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (sent, call) = (response.Content, RegistryCall.Of(response.RequestMessage!));
        try
        {
            var hasBody = response.IsSuccessStatusCode && response.RequestMessage!.Method != HttpMethod.Head;
            var body = hasBody ? await BodyAsync(sent, call.BodyLimit, cancellationToken) : ReadOnlyMemory<byte>.Empty;
            response.Content = new ReadOnlyMemoryContent(body ?? throw new RefusedException(Failures.TooLarge(call)));
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

    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
            return null;

        await using var sent = await content.ReadAsStreamAsync(cancellationToken);
        await using var stream = IsZipped(content) ? new GZipStream(sent, CompressionMode.Decompress) : sent;
        return await BoundedBody.ReadAsync(stream, limit, cancellationToken);
    }

    // Some proxies compress without being asked. The digest is that of the uncompressed content.
    private static bool IsZipped(HttpContent content) => content.Headers.ContentEncoding.SequenceEqual(["gzip"], StringComparer.OrdinalIgnoreCase);
}
