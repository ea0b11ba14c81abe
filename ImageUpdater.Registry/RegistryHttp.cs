using ImageUpdater.Http;

namespace ImageUpdater.Registry;

/// <param name="Home">For the host itself: presents the client certificate, and obeys InsecureSkipVerify.</param>
/// <param name="Elsewhere">For its token server and its redirects.</param>
/// <param name="Proxy">For both.</param>
internal sealed record EndpointHttp(HttpClient Home, HttpClient Elsewhere, ProxyChoice Proxy);

/// <summary>One connection pool for all registries, and own ones for each with settings of its own.</summary>
internal sealed class RegistryHttp : IDisposable
{
    private readonly List<HttpClient> _own = [];
    private readonly HttpClient _common = Create(ServerTrust.OfSystem, certificate: null, new ProxyChoice(UseProxy: true, Proxy: null));

    public EndpointHttp For(EndpointOptions options)
    {
        // Validated at the start. A file that vanished since adds no trust, and the connection says what is missing.
        var proxy = ProxyChoice.Parse(options.Proxy).Value!;
        var trust = options.CaFile is { Length: > 0 } path && TrustedAuthorities.Load(path).Value is { } authorities
            ? ServerTrust.Besides(authorities)
            : ServerTrust.OfSystem;
        var elsewhere = trust == ServerTrust.OfSystem && options.Proxy is not { Length: > 0 } ? _common : Keep(Create(trust, certificate: null, proxy));
        if (!options.InsecureSkipVerify && options.ClientCertificateFile is not { Length: > 0 })
            return new EndpointHttp(elsewhere, elsewhere, proxy);

        var certificate = EndpointFiles.ClientCertificate(options).Value?.Certificate;
        return new EndpointHttp(Keep(Create(options.InsecureSkipVerify ? ServerTrust.Any : trust, certificate, proxy)), elsewhere, proxy);
    }

    public void Dispose()
    {
        lock (_own)
            _own.ForEach(client => client.Dispose());
        _common.Dispose();
    }

    private static HttpClient Create(ServerTrust trust, ClientCertificate? certificate, ProxyChoice proxy)
    {
        var handler = new SocketsHttpHandler();
        Dialer.Configure(handler, trust, certificate, proxy);

        // The timeout is per request and on the injected clock.
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(UserAgent.Product);
        return client;
    }

    private HttpClient Keep(HttpClient client)
    {
        lock (_own)
            _own.Add(client);
        return client;
    }
}
