using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace ImageUpdater.Http;

/// <summary>Connection settings that all HTTP clients of the program share.</summary>
internal static class Dialer
{
    /// <summary>Request option: the addresses that the request may connect to.</summary>
    public static readonly HttpRequestOptionsKey<IReadOnlyList<IPAddress>> OnlyAddresses = new("addresses");

    private const int MaxDrainBytes = 64 * 1024;

    // Name resolution happens per connection, so this limits how long an outdated address is used.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void Configure(SocketsHttpHandler handler, ServerTrust trust, ClientCertificate? certificate, ProxyChoice proxy)
    {
        // Automatic redirects could send credentials to another host.
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.PooledConnectionLifetime = ConnectionLifetime;
        handler.UseProxy = proxy.UseProxy;
        handler.Proxy = proxy.Proxy;

        // Unread rest of a body: up to this size it is read to keep the connection, else the connection is closed.
        handler.MaxResponseDrainSize = MaxDrainBytes;

        // Does not send trace ids to other parties.
        handler.ActivityHeadersPropagator = null;
        handler.ConnectCallback = ConnectAsync;
        handler.SslOptions = new SslClientAuthenticationOptions { ClientCertificateContext = certificate?.Context };
        trust.Apply(handler.SslOptions);
    }

    // Like the default of SocketsHttpHandler, but restricted to OnlyAddresses, and racing the addresses. With a proxy, the end point is the proxy,
    // which is not restricted. In real time, since the network is what is waited for.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (end, request) = (context.DnsEndPoint, context.InitialRequestMessage);
        var isRestricted = request.Options.TryGetValue(OnlyAddresses, out var approved)
            && string.Equals(end.Host, request.RequestUri?.IdnHost, StringComparison.OrdinalIgnoreCase);
        var addresses = isRestricted ? approved! : await Dns.GetHostAddressesAsync(end.Host, cancellationToken);
        return new NetworkStream(await AddressRace.ConnectAsync(addresses, end.Port, TimeProvider.System, cancellationToken), ownsSocket: true);
    }
}
