using ImageUpdater.Http;
using ImageUpdater.Registry.Bodies;
using ImageUpdater.Registry.Transport;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Registry;

/// <summary>
/// Builds the chain of handlers that every registry request passes: requests from the first to the last, responses from the last to the
/// first. One client per host, with its own connections, which disposing of the client closes.
/// </summary>
internal static class RegistryHttpClient
{
    /// <param name="name">Name of the host, for messages.</param>
    /// <param name="home">Base address of the host's API.</param>
    public static HttpClient Create(
        string name, Uri home, EndpointOptions options, BackOff backOff, SharedMemory memory, RequestEnded? requestEnded, TimeProvider time, ILogger logger)
    {
        // Validated at startup.
        var proxy = ProxyChoice.Parse(options.Proxy).Value!;
        void Ended(string code, TimeSpan took) => requestEnded?.Invoke(name, code, took);

        // Authentication is outermost, so that token requests are retried, limited and redirected like all others. Retry is outside of
        // BackOff, so that a Retry-After also delays the next attempt. Concurrency is outside of Timeout, so that waiting for a slot does not
        // count as request time; both cover a request with its redirects.
        return new HttpClient(Chain(
            [
                new AuthenticationHandler(name, home, options.TokenHosts, memory.Cached, time),
                new RetryHandler(time),
                new BackOffHandler(name, home, backOff, time),
                new ConcurrencyHandler(options.MaxConcurrency),
                new TimeoutHandler(options.Timeout, Ended, time),
                new RedirectHandler(home, options.TokenHosts),
                new WireHandler(proxy, memory.Bodies, Ended, time, logger),
            ],
            Connections(home, options, proxy)))
        {
            // TimeoutHandler limits each attempt.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private static HttpMessageHandler Connections(Uri home, EndpointOptions options, ProxyChoice proxy)
    {
        // The files were validated at startup. If one has vanished since, the connection fails with a certificate error.
        var trust = options.CaFile is { Length: > 0 } path && TrustedAuthorities.Load(path).Value is { } authorities
            ? ServerTrust.InAdditionTo(authorities)
            : ServerTrust.OfSystem;
        var elsewhere = Connections(trust, certificate: null, proxy);
        if (!options.InsecureSkipVerify && options.ClientCertificateFile is not { Length: > 0 })
            return elsewhere;

        var certificate = EndpointFiles.ClientCertificate(options).Value?.Certificate;
        return new HomeHandler(home, Connections(options.InsecureSkipVerify ? ServerTrust.Any : trust, certificate, proxy), elsewhere);
    }

    private static SocketsHttpHandler Connections(ServerTrust trust, ClientCertificate? certificate, ProxyChoice proxy)
    {
        var handler = new SocketsHttpHandler();
        Dialer.Configure(handler, trust, certificate, proxy);
        return handler;
    }

    private static HttpMessageHandler Chain(IEnumerable<DelegatingHandler> handlers, HttpMessageHandler end)
    {
        foreach (var handler in handlers.Reverse())
        {
            handler.InnerHandler = end;
            end = handler;
        }

        return end;
    }
}
