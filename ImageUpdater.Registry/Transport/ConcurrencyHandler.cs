namespace ImageUpdater.Registry.Transport;

/// <summary>Limits concurrent requests. A request keeps its slot until its response is complete, including redirects and body.</summary>
internal sealed class ConcurrencyHandler(int atOnce) : DelegatingHandler
{
    // Not disposed: requests release their slots after the client is disposed, and there is no wait handle to release.
    private readonly SemaphoreSlim slots = new(atOnce);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            slots.Release();
        }
    }
}
