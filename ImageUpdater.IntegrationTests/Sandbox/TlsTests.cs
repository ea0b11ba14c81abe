using System.Net;
using System.Security.Cryptography.X509Certificates;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

public sealed class TlsTests
{
    [Fact]
    public async Task Registry_WithTls_IsTrustedByItsCertificateAlone()
    {
        await using SandboxRegistry registry = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Tls = true });
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(registry.CertificatePem);
        using var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { authority },
                },
            },
        };
        using var trusting = new HttpClient(handler);
        using var other = new HttpClient();
        var url = new Uri(registry.Url, "/v2/");

        Assert.Equal("https", url.Scheme);
        Assert.Equal(HttpStatusCode.OK, (await trusting.GetAsync(url)).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => other.GetAsync(url));
    }

    [Fact]
    public async Task Cluster_WithTls_PutsItsCertificateIntoTheKubeconfig()
    {
        await using SandboxCluster cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { Tls = true });

        Assert.Contains("server: \"https://127.0.0.1:", cluster.Kubeconfig, StringComparison.Ordinal);
        Assert.Contains("certificate-authority-data: ", cluster.Kubeconfig, StringComparison.Ordinal);
    }
}
