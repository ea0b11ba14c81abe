using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class TlsTests
{
    private static readonly TestAuthority Authority = new();

    public enum KeyForm
    {
        RsaPkcs1,
        RsaPkcs8,
        EcSec1,
        EcPkcs8,
    }

    [Fact]
    public async Task Get_ServerOfTheAuthority_IsTrusted()
    {
        await using var api = await StartAsync(Authority.Server());

        Assert.Equal(KubernetesFailureKind.NotFound, await KindAsync(api, $"certificate-authority-data: {Authority.PemBase64}"));
    }

    [Fact]
    public async Task Get_ServerOfAnotherAuthority_IsRefused()
    {
        await using var api = await StartAsync(new TestAuthority().Server());

        var failure = await FailureAsync(api, $"certificate-authority-data: {Authority.PemBase64}");

        Assert.Equal(KubernetesFailureKind.Unreachable, failure.Kind);
        Assert.Contains("certificate", failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Get_ServerOfThisAuthorityWithoutItInTheKubeconfig_IsRefused()
    {
        await using var api = await StartAsync(Authority.Server());

        Assert.Equal(KubernetesFailureKind.Unreachable, await KindAsync(api, ""));
    }

    [Fact]
    public async Task Get_BundleHoldsAnIntermediateOnly_IsTrusted()
    {
        var intermediate = new TestAuthority("intermediate", signedBy: Authority);
        await using var api = await StartAsync(intermediate.Server());

        Assert.Equal(KubernetesFailureKind.NotFound, await KindAsync(api, $"certificate-authority-data: {intermediate.PemBase64}"));
    }

    [Fact]
    public async Task Get_CertificateForAnotherHost_IsRefused()
    {
        await using var api = await StartAsync(Authority.Server("api.internal"));

        Assert.Equal(KubernetesFailureKind.Unreachable, await KindAsync(api, $"certificate-authority-data: {Authority.PemBase64}"));
    }

    [Fact]
    public async Task Get_TlsServerName_IsAskedForAndChecked()
    {
        string? asked = null;
        await using var api = await ScriptedApi.StartAsync(NotFound, https => https.ServerCertificateSelector = (_, name) =>
        {
            asked = name;
            return Authority.Server("api.internal");
        });

        var kind = await KindAsync(api, $"certificate-authority-data: {Authority.PemBase64}, tls-server-name: api.internal");

        Assert.Equal(KubernetesFailureKind.NotFound, kind);
        Assert.Equal("api.internal", asked);
        Assert.Equal(
            KubernetesFailureKind.Unreachable,
            await KindAsync(api, $"certificate-authority-data: {Authority.PemBase64}, tls-server-name: other.internal"));
    }

    [Fact]
    public async Task Get_InsecureSkipTlsVerify_TakesAny()
    {
        await using var api = await StartAsync(new TestAuthority().Server("elsewhere"));

        Assert.Equal(KubernetesFailureKind.NotFound, await KindAsync(api, "insecure-skip-tls-verify: true"));
    }

    [Theory]
    [InlineData(KeyForm.RsaPkcs1)]
    [InlineData(KeyForm.RsaPkcs8)]
    [InlineData(KeyForm.EcSec1)]
    [InlineData(KeyForm.EcPkcs8)]
    public async Task Get_ClientCertificate_IsPresented(KeyForm form)
    {
        string? subject = null;
        await using var api = await ScriptedApi.StartAsync(
            context =>
            {
                subject = context.Connection.ClientCertificate?.Subject;
                return NotFound(context);
            },
            Authority.AskForClients());
        using AsymmetricAlgorithm key = form is KeyForm.RsaPkcs1 or KeyForm.RsaPkcs8 ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = TestAuthority.Base64(Authority.Client("jane", key).ExportCertificatePem());
        var user = $"client-certificate-data: {certificate}, client-key-data: {TestAuthority.Base64(KeyPem(key, form))}";

        var kind = await KindAsync(api, $"certificate-authority-data: {Authority.PemBase64}", user);

        Assert.Equal(KubernetesFailureKind.NotFound, kind);
        Assert.Equal("CN=jane", subject);
    }

    private static string KeyPem(AsymmetricAlgorithm key, KeyForm form) => form switch
    {
        KeyForm.RsaPkcs1 => ((RSA)key).ExportRSAPrivateKeyPem(),
        // In the format of openssl ecparam, with the curve in a block before the key.
        KeyForm.EcSec1 => "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + ((ECDsa)key).ExportECPrivateKeyPem(),
        _ => key.ExportPkcs8PrivateKeyPem(),
    };

    private static Task<ScriptedApi> StartAsync(X509Certificate2 certificate) =>
        ScriptedApi.StartAsync(NotFound, https => https.ServerCertificate = certificate);

    private static Task NotFound(HttpContext context) => ScriptedApi.Status(404, "NotFound", "not found")(context);

    private static async Task<KubernetesFailureKind> KindAsync(ScriptedApi api, string cluster, string user = "token: t") =>
        (await FailureAsync(api, cluster, user)).Kind;

    private static async Task<KubernetesFailure> FailureAsync(ScriptedApi api, string cluster, string user = "token: t")
    {
        using var client = Connections.Client(Connections.Load(Connections.Yaml(api.Address, cluster, user)));
        var result = await client.GetWorkloadAsync(new WorkloadKey("a", WorkloadKind.Deployment, "web"), CancellationToken.None);
        return result.Failure!;
    }
}
