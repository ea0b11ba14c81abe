namespace ImageUpdater.Registry.Transport;

/// <summary>
/// The host itself is shown the client certificate, and may have any certificate of its own where the user says so. That holds for no other
/// host that it names.
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
