using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageUpdater.Core;

namespace ImageUpdater.Http;

/// <summary>Certificate authorities configured by the user. The system's are still trusted, because a token server may have a public certificate.</summary>
internal sealed class TrustedAuthorities(X509Certificate2Collection roots)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    public static Result<TrustedAuthorities, string> Load(string path)
    {
        var name = UntrustedText.Bound(path);
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(path);
            if (roots.Count == 0)
                roots.Add(X509CertificateLoader.LoadCertificateFromFile(path));
            return new TrustedAuthorities(roots);
        }
        catch (CryptographicException)
        {
            return $"CaFile '{name}' contains no valid PEM or DER certificate.";
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"CaFile '{name}' does not exist.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"CaFile '{name}' can't be read: {UntrustedText.Bound(exception.Message)}";
        }
    }

    /// <summary>For <see cref="SslClientAuthenticationOptions.RemoteCertificateValidationCallback"/>.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;

        // Only an untrusted chain is checked again; a wrong host name or a missing certificate remains an error.
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
            return false;

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainElements.Select(element => element.Certificate).ToArray());
        return chain.Build(leaf);
    }
}
