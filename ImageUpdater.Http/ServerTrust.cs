using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ImageUpdater.Http;

/// <summary>Which server certificates are trusted. All but <see cref="Any"/> also check the server's name.</summary>
internal sealed class ServerTrust
{
    private readonly X509ChainPolicy? chainPolicy;
    private readonly RemoteCertificateValidationCallback? accepts;

    private ServerTrust(X509ChainPolicy? chainPolicy, RemoteCertificateValidationCallback? accepts)
    {
        this.chainPolicy = chainPolicy;
        this.accepts = accepts;
    }

    /// <summary>The machine's own roots.</summary>
    public static ServerTrust OfSystem { get; } = new(chainPolicy: null, accepts: null);

    /// <summary>Any certificate with any name: the user asked for it, for one host.</summary>
    public static ServerTrust Any { get; } = new(chainPolicy: null, AcceptAny);

    /// <summary>The machine's own roots, and these.</summary>
    public static ServerTrust InAdditionTo(TrustedAuthorities authorities) => new(chainPolicy: null, authorities.Accepts);

    /// <summary>
    /// These certificates and no others. Kubernetes trusts every certificate of the bundle, also one that another authority signed; the
    /// platform calls a chain that ends there partial.
    /// </summary>
    public static ServerTrust Only(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return new ServerTrust(policy, (_, _, chain, errors) =>
            errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && EndsIn(roots, chain)));
    }

    public void Apply(SslClientAuthenticationOptions ssl)
    {
        ssl.CertificateChainPolicy = chainPolicy;
        ssl.RemoteCertificateValidationCallback = accepts;
    }

    private static bool EndsIn(X509Certificate2Collection roots, X509Chain? chain) =>
        chain is { ChainElements: [.., var last] }
        && Array.TrueForAll(chain.ChainStatus, status => status.Status == X509ChainStatusFlags.PartialChain)
        && roots.Any(root => root.RawDataMemory.Span.SequenceEqual(last.Certificate.RawDataMemory.Span));

    [SuppressMessage("Security", "CA5359", Justification = "The user asked for it, for this host; no other host is asked with it.")]
    [SuppressMessage("Security", "MA0039", Justification = "The same.")]
    private static bool AcceptAny(object sender, object? certificate, object? chain, SslPolicyErrors errors) => true;
}
