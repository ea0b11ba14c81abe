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

    /// <summary>The system's trusted certificates.</summary>
    public static ServerTrust OfSystem { get; } = new(chainPolicy: null, accepts: null);

    /// <summary>Any certificate with any name, if the user configured that for a host.</summary>
    public static ServerTrust Any { get; } = new(chainPolicy: null, AcceptAny);

    /// <summary>The system's trusted certificates and these.</summary>
    public static ServerTrust InAdditionTo(TrustedAuthorities authorities) => new(chainPolicy: null, authorities.Accepts);

    /// <summary>
    /// Only these certificates. Go, and so kubectl, trusts every certificate of the bundle, including intermediates; .NET reports a chain that
    /// ends in an intermediate as partial.
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

    [SuppressMessage("Security", "CA5359", Justification = "InsecureSkipVerify: the user configured it, and it applies to that host only.")]
    [SuppressMessage("Security", "MA0039", Justification = "InsecureSkipVerify, as above.")]
    private static bool AcceptAny(object sender, object? certificate, object? chain, SslPolicyErrors errors) => true;
}
