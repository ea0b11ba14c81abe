using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageUpdater.Core;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes.Kubeconfig;

namespace ImageUpdater.Kubernetes.Connection;

/// <summary>Address of the API server, and how its certificate is verified.</summary>
internal sealed class ClusterEndpoint
{
    public required Uri Server { get; init; }

    /// <summary>Null for the system's trusted certificates.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    public bool SkipVerification { get; init; }

    /// <summary>TLS server name to send and verify (<c>tls-server-name</c>); null for the server's host.</summary>
    public string? ServerName { get; init; }

    public required ProxyChoice Proxy { get; init; }

    public static Result<ClusterEndpoint, string> Of(ClusterEntry cluster)
    {
        var owner = $"cluster '{cluster.Name}'";
        if (!TryParseServer(cluster.Server, out var server))
            return $"{owner} has an invalid server '{UntrustedText.Bound(cluster.Server)}'; use a URL such as https://host:6443";
        // ProxyChoice accepts "none", but a kubeconfig's proxy-url must be an address.
        if (!ProxyChoice.Parse(cluster.ProxyUrl).IsSuccess(out var proxy, out _) || !proxy.UseProxy)
            return $"the proxy-url of {owner} must start with http://, https:// or socks5://";

        var authority = EntryContent.Read(
            cluster.CertificateAuthorityData, cluster.CertificateAuthority, "certificate-authority", owner);
        X509Certificate2Collection? roots = null;
        if (authority is { } content)
        {
            if (cluster.InsecureSkipTlsVerify)
                return $"{owner} has both a certificate authority and insecure-skip-tls-verify; remove one of them";
            if (!content.IsSuccess(out var pem, out var failure))
                return failure;
            if (!ReadRoots(pem.Text, owner).IsSuccess(out roots, out failure))
                return failure;
        }

        return new ClusterEndpoint
        {
            Server = server,
            Roots = roots,
            SkipVerification = cluster.InsecureSkipTlsVerify,
            ServerName = cluster.TlsServerName,
            Proxy = proxy,
        };
    }

    public static Result<X509Certificate2Collection, string> ReadRoots(string pem, string owner)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            return $"the certificate authority of {owner} is damaged: {UntrustedText.Bound(exception.Message)}";
        }

        return roots.Count > 0 ? roots : $"the certificate authority of {owner} contains no PEM certificate";
    }

    /// <summary>Configures TLS, proxy, timeouts and HTTP/2 keep-alive of connections to this server.</summary>
    public void Configure(SocketsHttpHandler handler, ClientCertificate? certificate)
    {
        Dialer.Configure(handler, Trust(), certificate, Proxy);
        handler.AutomaticDecompression = DecompressionMethods.GZip;
        handler.ConnectTimeout = TimeSpan.FromSeconds(10);
        handler.EnableMultipleHttp2Connections = false;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
    }

    private ServerTrust Trust() =>
        SkipVerification ? ServerTrust.Any
        : Roots is null ? ServerTrust.OfSystem
        : ServerTrust.Only(Roots);

    private static bool TryParseServer(string? text, [NotNullWhen(true)] out Uri? server) =>
        Uri.TryCreate(text, UriKind.Absolute, out server) && server is { Scheme: "http" or "https", Host.Length: > 0 };
}
