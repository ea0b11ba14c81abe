using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;

namespace ImageUpdater.Host.Registry;

/// <param name="Home">For the host itself: presents the client certificate, and obeys InsecureSkipVerify.</param>
/// <param name="Elsewhere">For its token server and its redirects.</param>
/// <param name="Proxy">For both.</param>
internal sealed record EndpointHttp(HttpClient Home, HttpClient Elsewhere, ProxyChoice Proxy);

/// <summary>One connection pool for all registries, and own ones for each with settings of its own.</summary>
internal sealed class RegistryHttp : IDisposable
{
    /// <summary>Of a request: the addresses of its host that may be connected to.</summary>
    public static readonly HttpRequestOptionsKey<IReadOnlyList<IPAddress>> Only = new("addresses");

    private const int MaxDrainBytes = 64 * 1024;

    // A registry that moves to another address is found again after this long.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly List<HttpClient> _own = [];
    private readonly HttpClient _common = Create(new SslClientAuthenticationOptions(), new ProxyChoice(UseProxy: true, Proxy: null));

    public EndpointHttp For(EndpointOptions options)
    {
        // Validated at the start. A file that vanished since adds no trust, and the connection says what is missing.
        var proxy = ProxyChoice.Parse(options.Proxy).Value!;
        var trusted = options.CaFile is { Length: > 0 } path ? TrustedAuthorities.Load(path).Value : null;
        var elsewhere = trusted is null && options.Proxy is not { Length: > 0 } ? _common : Keep(Create(Ssl(trusted), proxy));
        if (!options.InsecureSkipVerify && options.ClientCertificateFile is not { Length: > 0 })
            return new EndpointHttp(elsewhere, elsewhere, proxy);

        var ssl = Ssl(trusted);
        ssl.ClientCertificateContext = EndpointFiles.ClientCertificate(options).Value?.Certificate?.Context;
        if (options.InsecureSkipVerify)
            ssl.RemoteCertificateValidationCallback = AcceptAny;
        return new EndpointHttp(Keep(Create(ssl, proxy)), elsewhere, proxy);
    }

    public void Dispose()
    {
        lock (_own)
            _own.ForEach(client => client.Dispose());
        _common.Dispose();
    }

    private static SslClientAuthenticationOptions Ssl(TrustedAuthorities? trusted) => new()
    {
        RemoteCertificateValidationCallback = trusted is null ? null : trusted.Accepts,
    };

    [SuppressMessage("Security", "CA5359", Justification = "The user set InsecureSkipVerify for this host; no other host is asked with it.")]
    [SuppressMessage("Security", "MA0039", Justification = "The same.")]
    private static bool AcceptAny(object sender, object? certificate, object? chain, SslPolicyErrors errors) => true;

    private static HttpClient Create(SslClientAuthenticationOptions ssl, ProxyChoice proxy)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = ConnectionLifetime,
            SslOptions = ssl,
            UseProxy = proxy.UseProxy,
            Proxy = proxy.Proxy,

            // What is left of an unread body: read a little to keep the connection, never 50 MB.
            MaxResponseDrainSize = MaxDrainBytes,

            // Trace ids are for our own side.
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
        };

        // The timeout is per request and on the injected clock.
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("image-updater", Version()));
        return client;
    }

    // As the platform does it, but for the addresses. The end point of a request through a proxy is the proxy.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (end, request) = (context.DnsEndPoint, context.InitialRequestMessage);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (!request.Options.TryGetValue(Only, out var addresses) || !string.Equals(end.Host, request.RequestUri?.IdnHost, StringComparison.OrdinalIgnoreCase))
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

    private HttpClient Keep(HttpClient client)
    {
        lock (_own)
            _own.Add(client);
        return client;
    }

    private static string Version() =>
        typeof(RegistryHttp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
