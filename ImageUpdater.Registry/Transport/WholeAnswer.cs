using System.IO.Compression;
using ImageUpdater.Http;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Takes an answer off the wire: of one that succeeded the whole body, of any other none. After that the connection is free, and neither slot
/// nor time is needed any more.
/// </summary>
internal static class WholeAnswer
{
    /// <exception cref="RefusedException">It is longer than the call allows, or not what it says it is.</exception>
    /// <exception cref="IOException">The connection broke off.</exception>
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

    // It was not asked for, but there are proxies that do it all the same. The digest is that of what was zipped.
    private static bool IsZipped(HttpContent content) => content.Headers.ContentEncoding.SequenceEqual(["gzip"], StringComparer.OrdinalIgnoreCase);
}
