namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Applies the client certificate and InsecureSkipVerify to the registry's own host only. Token servers and redirect targets on other hosts
/// use connections without them.
/// </summary>
internal sealed class HomeHandler(Uri home, HttpMessageHandler atHome, HttpMessageHandler elsewhere) : DelegatingHandler(atHome)
{
    private readonly HttpMessageInvoker outside = new(elsewhere);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Origin.IsSameHost(home, request.RequestUri!) ? base.SendAsync(request, cancellationToken) : outside.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        outside.Dispose();
        base.Dispose(disposing);
    }
}
