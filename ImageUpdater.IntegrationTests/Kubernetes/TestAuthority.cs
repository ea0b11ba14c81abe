using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>A temporary certificate authority.</summary>
internal sealed class TestAuthority
{
    private readonly X509Certificate2 root;

    public TestAuthority(string name = "test-ca", TestAuthority? signedBy = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        if (signedBy is null)
        {
            root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        }
        else
        {
            using var signed = request.Create(signedBy.root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [9]);
            root = signed.CopyWithPrivateKey(key);
        }
    }

    public X509Certificate2 Certificate => root;

    public string Pem => root.ExportCertificatePem();

    public string PemBase64 => Base64(Pem);

    public static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>For 127.0.0.1 if there is no DNS name.</summary>
    public X509Certificate2 Server(string? dnsName = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (dnsName is null)
            names.AddIpAddress(IPAddress.Loopback);
        else
            names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
        using var signed = Sign(request);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>For a server that asks for client certificates, and accepts any.</summary>
    public Action<HttpsConnectionAdapterOptions> AskForClients(string? dnsName = null, bool required = true) => https =>
    {
        https.ServerCertificate = Server(dnsName);
        https.ClientCertificateMode = required ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate;
        https.AllowAnyClientCertificate();
    };

    /// <param name="user">The common name.</param>
    public X509Certificate2 Client(string user, AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa
            ? new CertificateRequest($"CN={user}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={user}", (ECDsa)key, HashAlgorithmName.SHA256);
        return Sign(request);
    }

    // The generator takes the issuer's key type from the certificate; for RSA keys it must be set.
    private X509Certificate2 Sign(CertificateRequest request)
    {
        using var key = root.GetECDsaPrivateKey()!;
        return request.Create(
            root.SubjectName,
            X509SignatureGenerator.CreateForECDsa(key),
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddHours(12),
            RandomNumberGenerator.GetBytes(8));
    }
}
