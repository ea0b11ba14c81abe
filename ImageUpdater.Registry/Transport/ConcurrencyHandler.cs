namespace ImageUpdater.Registry.Transport;

/// <summary>So many requests at once. Each has its slot until its answer is there, redirects and body included.</summary>
internal sealed class ConcurrencyHandler(int atOnce) : DelegatingHandler
{
    // Not disposed of: requests that end with the client give theirs back after it, and there is no wait handle to release.
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
