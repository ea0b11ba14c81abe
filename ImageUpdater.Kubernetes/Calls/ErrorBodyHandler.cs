using ImageUpdater.Http;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>Limits how much of an error response is read: the library reads all of it, of any length, and ignores deadlines.</summary>
internal sealed class ErrorBodyHandler : DelegatingHandler
{
    private const int MaxBody = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;

        using var body = response.Content;
        // Without its type: of a charset that it doesn't know the library makes an exception of its own.
        response.Content = new ReadOnlyMemoryContent(await ReadAsync(body, cancellationToken));
        return response;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent body, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await body.ReadAsStreamAsync(cancellationToken);
            return await BoundedBody.ReadStartAsync(stream, MaxBody, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // A body cut off: the status code says enough.
            return default;
        }
    }
}
