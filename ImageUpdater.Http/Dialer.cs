using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace ImageUpdater.Http;

/// <summary>How the program connects: the settings that every handler of its connections shares.</summary>
internal static class Dialer
{
    /// <summary>Of a request: the addresses of its host that may be connected to.</summary>
    public static readonly HttpRequestOptionsKey<IReadOnlyList<IPAddress>> OnlyAddresses = new("addresses");

    private const int MaxDrainBytes = 64 * 1024;

    // A server that moves to another address is found again after this long.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void Configure(SocketsHttpHandler handler, ServerTrust trust, ClientCertificate? certificate, ProxyChoice proxy)
    {
        // The platform's own redirects could carry credentials to another host.
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.PooledConnectionLifetime = ConnectionLifetime;
        handler.UseProxy = proxy.UseProxy;
        handler.Proxy = proxy.Proxy;

        // What is left of an unread body: read a little to keep the connection, never 50 MB.
        handler.MaxResponseDrainSize = MaxDrainBytes;

        // Trace ids are for our own side.
        handler.ActivityHeadersPropagator = null;
        handler.ConnectCallback = ConnectAsync;
        handler.SslOptions = new SslClientAuthenticationOptions { ClientCertificateContext = certificate?.Context };
        trust.Apply(handler.SslOptions);
    }

    // As the platform does it, but for the addresses. The end point of a request through a proxy is the proxy.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (end, request) = (context.DnsEndPoint, context.InitialRequestMessage);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (!request.Options.TryGetValue(OnlyAddresses, out var addresses) || !string.Equals(end.Host, request.RequestUri?.IdnHost, StringComparison.OrdinalIgnoreCase))
                await socket.ConnectAsync(end, cancellationToken);
            else if (addresses.Count == 0)
                throw new SocketException((int)SocketError.HostNotFound);
            else
                await socket.ConnectAsync([.. addresses], end.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
