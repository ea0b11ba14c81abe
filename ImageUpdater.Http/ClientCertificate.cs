using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageUpdater.Core;

namespace ImageUpdater.Http;

/// <summary>A client certificate with its private key, and the intermediates that are sent with it.</summary>
internal sealed class ClientCertificate
{
    private ClientCertificate(SslStreamCertificateContext context) => Context = context;

    public SslStreamCertificateContext Context { get; }

    /// <param name="key">PKCS#1, PKCS#8 or SEC1, unencrypted; RSA or EC.</param>
    /// <param name="owner">For example <c>user 'admin'</c>.</param>
    public static Result<ClientCertificate, string> FromPem(string certificates, string key, string owner)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificates);
        }
        catch (CryptographicException exception)
        {
            return $"the client certificate of {owner} is damaged: {UntrustedText.Bound(exception.Message)}";
        }

        if (chain.Count == 0)
            return $"the client certificate of {owner} contains no PEM certificate";

        try
        {
            var leaf = X509Certificate2.CreateFromPem(certificates, key);
            chain.RemoveAt(0);
            return new ClientCertificate(SslStreamCertificateContext.Create(Usable(leaf), chain, offline: true));
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            var why = key.Contains("ENCRYPTED", StringComparison.Ordinal) ? "the key is encrypted; use an unencrypted key" : UntrustedText.Bound(exception.Message);
            return $"the client key of {owner} can't be used with its certificate: {why}";
        }
    }

    // TLS on Windows does not accept ephemeral private keys.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
            return certificate;

        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }
}
