using ImageUpdater.Http;
using ImageUpdater.Registry.Transport;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Registry;

/// <summary>
/// What happens to a request: it goes through these handlers from the first to the last, and its answer from the last to the first. One client
/// for one host, with connections of its own; who disposes of it closes them.
/// </summary>
internal static class RegistryHttpClient
{
    /// <param name="name">Of the host, in words for a person.</param>
    /// <param name="home">Where its API begins.</param>
    public static HttpClient Create(
        string name, Uri home, EndpointOptions options, BackOff backOff, RequestEnded? requestEnded, TimeProvider time, ILogger logger)
    {
        // Validated at the start.
        var proxy = ProxyChoice.Parse(options.Proxy).Value!;
        void Ended(string code, TimeSpan took) => requestEnded?.Invoke(name, code, took);

        // Authentication comes first: requests for tokens are retried, limited and followed like all others. The pause that an answer asks for
        // holds for the next attempt too. To wait for a slot costs nothing of a request's time, and slot and time are for its redirects together.
        return new HttpClient(Chain(
            [
                new AuthenticationHandler(name, time),
                new RetryHandler(time),
                new BackOffHandler(name, home, backOff, time),
                new ConcurrencyHandler(options.MaxConcurrency),
                new TimeoutHandler(options.Timeout, Ended, time),
                new RedirectHandler(home, options.TokenHosts),
                new WireHandler(proxy, Ended, time, logger),
            ],
            Connections(home, options, proxy)))
        {
            // One for each attempt, in its handler.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private static HttpMessageHandler Connections(Uri home, EndpointOptions options, ProxyChoice proxy)
    {
        // Files were validated at the start. One that vanished since adds no trust, and the connection says what is missing.
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
