using ImageUpdater.Http;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>Limits how much of an error response is read. The client library reads all of it, of any length, and ignores cancellation.</summary>
internal sealed class ErrorBodyHandler : DelegatingHandler
{
    private const int MaxBody = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;

        using var body = response.Content;
        // The Content-Type is dropped: the client library throws if its charset is unknown.
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
        catch (Exception exception) when (exception is IOException or InvalidDataException or HttpRequestException)
        {
            // The body was cut off; the status code is enough for a message.
            return default;
        }
    }
}
