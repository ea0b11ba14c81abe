using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Kubernetes;

/// <summary>Where the API server is, and what makes us believe that it is the right one.</summary>
internal sealed class ClusterEndpoint
{
    public required Uri Server { get; init; }

    /// <summary>Null: the machine's own roots.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    public bool SkipVerification { get; init; }

    /// <summary>The name to ask for and to check, where it isn't the server's host.</summary>
    public string? ServerName { get; init; }

    public Uri? Proxy { get; init; }

    public static Result<ClusterEndpoint, string> Of(ClusterEntry cluster)
    {
        var owner = $"cluster '{cluster.Name}'";
        if (!TryParseServer(cluster.Server, out var server))
            return $"{owner} has no usable server address: '{OutsideText.Bound(cluster.Server)}' should be like https://host:6443";
        if (!TryParseProxy(cluster.ProxyUrl, out var proxy))
            return $"the proxy-url of {owner} should start with http://, https:// or socks5://";

        var authority = EntryContent.Read(
            cluster.CertificateAuthorityData, cluster.CertificateAuthority, "certificate-authority", owner);
        X509Certificate2Collection? roots = null;
        if (authority is { } content)
        {
            if (cluster.InsecureSkipTlsVerify)
                return $"{owner} has both a certificate authority and insecure-skip-tls-verify: keep one of them";
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
            return $"the certificate authority of {owner} is damaged: {OutsideText.Bound(exception.Message)}";
        }

        return roots.Count > 0 ? roots : $"the certificate authority of {owner} holds no certificate in PEM form";
    }

    public SocketsHttpHandler CreateHandler(ClientCertificate? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect could carry the credentials to another host.
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            SslOptions = new SslClientAuthenticationOptions { ClientCertificateContext = certificate?.Context },
        };
        if (Proxy is not null)
            handler.Proxy = new WebProxy(SystemProxy.WithoutAccount(Proxy)) { Credentials = ProxyCredentials(Proxy) };
#pragma warning disable CA5359 // The kubeconfig asks for it, by insecure-skip-tls-verify.
        if (SkipVerification)
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        else if (Roots is not null)
            TrustOnly(handler.SslOptions, Roots);

        return handler;
    }

    private static void TrustOnly(SslClientAuthenticationOptions options, X509Certificate2Collection roots)
    {
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        options.RemoteCertificateValidationCallback = (_, _, chain, errors) =>
            errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && EndsInBundle(chain, roots));
    }

    // Kubernetes trusts every certificate of the bundle, also one that another authority signed. The platform calls a chain that ends
    // there partial.
    private static bool EndsInBundle(X509Chain? chain, X509Certificate2Collection roots) =>
        chain is { ChainElements: [.., var last] }
        && Array.TrueForAll(chain.ChainStatus, status => status.Status == X509ChainStatusFlags.PartialChain)
        && roots.Any(root => root.RawDataMemory.Span.SequenceEqual(last.Certificate.RawDataMemory.Span));

    private static bool TryParseServer(string? text, [NotNullWhen(true)] out Uri? server) =>
        Uri.TryCreate(text, UriKind.Absolute, out server) && server is { Scheme: "http" or "https", Host.Length: > 0 };

    private static bool TryParseProxy(string? text, out Uri? proxy)
    {
        proxy = null;
        return string.IsNullOrEmpty(text)
            || (Uri.TryCreate(text, UriKind.Absolute, out proxy) && proxy.Scheme is "http" or "https" or "socks5");
    }

    private static NetworkCredential? ProxyCredentials(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0)
            return null;

        var parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
