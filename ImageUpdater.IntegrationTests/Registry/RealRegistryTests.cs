using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>The client with Debian's docker-registry, and images pushed by skopeo.</summary>
public sealed class RealRegistryTests
{
    [Fact]
    public async Task Check_Anonymous_GivesWhatWasPushed()
    {
        await using var registry = await DockerRegistry.StartAsync();
        using var first = OciLayout.Image("one");
        using var second = OciLayout.Image("two");
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host));
        var image = ClientUnderTest.Image(registry.Host);

        await registry.PushAsync(first, "team/app:latest");
        Assert.Equal(first.Digest, Served(await under.Client.CheckAsync(image, [], CancellationToken.None)).Digest.Value);
        await registry.PushAsync(second, "team/app:latest");
        Assert.Equal(second.Digest, Served(await under.Client.CheckAsync(image, [], CancellationToken.None)).Digest.Value);

        // The older manifest still exists, by digest.
        var old = await under.Client.GetManifestAsync(image, Digest.Parse(first.Digest), [], CancellationToken.None);
        Assert.Equal(first.Configs["linux/amd64"], old.Value?.Config?.Value);

        var missing = await under.Client.CheckAsync(ClientUnderTest.Image(registry.Host, "team/app:nope"), [], CancellationToken.None);
        Assert.Equal(RegistryFailureKind.NotFound, Assert.IsType<FailedCheck>(missing).Failure.Kind);
    }

    [Fact]
    public async Task GetManifest_Index_GivesItsPlatforms()
    {
        await using var registry = await DockerRegistry.StartAsync();
        using var index = OciLayout.Index(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["linux/amd64"] = "a", ["linux/arm64"] = "b" }, attestation: "provenance");
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host));
        var image = ClientUnderTest.Image(registry.Host, "team/multi:latest");
        await registry.PushAsync(index, "team/multi:latest");

        var served = Served(await under.Client.CheckAsync(image, [], CancellationToken.None));
        var manifest = (await under.Client.GetManifestAsync(image, served.Digest, [], CancellationToken.None)).Value!;

        Assert.Equal((index.Digest, true), (served.Digest.Value, Manifest.IsIndex(served.MediaType)));
        Assert.Equal(
            index.Manifests.Where(pair => pair.Key != "unknown/unknown").Select(pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal),
            manifest.Children!.Select(child => $"{child.Platform} {child.Digest}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Check_Htpasswd_OpensToTheRightCredentialOnly()
    {
        await using var registry = await DockerRegistry.StartAsync(new DockerRegistrySettings(WithPassword: true));
        using var layout = OciLayout.Image("one");
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host));
        var image = ClientUnderTest.Image(registry.Host);
        var wrong = new RegistryCredential("pull secret default/old", DockerRegistry.Username, "wrong");
        var right = new RegistryCredential("pull secret default/new", DockerRegistry.Username, DockerRegistry.Password);
        await registry.PushAsync(layout, "team/app:latest");

        var resolved = await under.Client.ResolveAsync(image, [wrong, right], CancellationToken.None);
        Assert.Equal((layout.Digest, right.Origin), (resolved.Value?.Manifest.Digest.Value, resolved.Value?.Credential));

        var refused = Assert.IsType<FailedCheck>(await under.Client.CheckAsync(image, [wrong], CancellationToken.None)).Failure;
        Assert.Equal(
            $"{registry.Host} answered 401 Unauthorized for team/app:latest; tried: pull secret default/old, anonymous", refused.Message);
    }

    [Fact]
    public async Task Check_TokenServer_OpensToTheRightCredentialOnly()
    {
        using var folder = new TestFolder();
        await using var tokens = await TokenServer.StartAsync(folder.Path);
        await using var registry = await DockerRegistry.StartAsync(new DockerRegistrySettings(Tokens: tokens));
        using var layout = OciLayout.Image("one");
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host) with { TokenHosts = [tokens.Realm.Host] });
        var image = ClientUnderTest.Image(registry.Host);
        var wrong = new RegistryCredential("pull secret default/old", DockerRegistry.Username, "wrong");
        var right = new RegistryCredential("pull secret default/new", DockerRegistry.Username, DockerRegistry.Password);
        await registry.PushAsync(layout, "team/app:latest");
        tokens.Asked.Clear();

        Assert.Equal(layout.Digest, Served(await under.Client.CheckAsync(image, [wrong, right], CancellationToken.None)).Digest.Value);
        Assert.Equal("tester repository:team/app:pull", tokens.Asked.Last());

        // The token is cached: the next check requests no other.
        tokens.Asked.Clear();
        var resolved = await under.Client.ResolveAsync(image, [right], CancellationToken.None);
        Assert.Equal((layout.Digest, right.Origin), (resolved.Value?.Manifest.Digest.Value, resolved.Value?.Credential));
        Assert.Empty(tokens.Asked);

        var refused = Assert.IsType<FailedCheck>(await under.Client.CheckAsync(image, [wrong], CancellationToken.None)).Failure;
        Assert.Equal(RegistryFailureKind.Unauthorized, refused.Kind);
        Assert.EndsWith("; tried: pull secret default/old, anonymous", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_PrivateAuthority_IsTrustedOnlyWhereItIsConfigured()
    {
        var folder = Directory.CreateTempSubdirectory("private-ca-").FullName;
        try
        {
            var ca = WriteCertificates(folder);
            await using var registry = await DockerRegistry.StartAsync(
                new DockerRegistrySettings(Certificate: Path.Combine(folder, "server.pem"), Key: Path.Combine(folder, "server.key")));
            using var layout = OciLayout.Image("one");
            await registry.PushAsync(layout, "team/app:latest");
            var image = ClientUnderTest.Image(registry.Host);

            using var trusting = new ClientUnderTest(new RegistryOptions { Host = registry.Host, CaFile = ca });
            Assert.Equal(layout.Digest, Served(await trusting.Client.CheckAsync(image, [], CancellationToken.None)).Digest.Value);

            using var distrusting = new ClientUnderTest();
            var failure = Assert.IsType<FailedCheck>(await distrusting.Client.CheckAsync(image, [], CancellationToken.None)).Failure;
            Assert.Equal(
                $"{registry.Host} could not be reached for team/app:latest: the certificate is not trusted; set CaFile in ImageUpdater:Registries to its authority",
                failure.Message);

            // Trusted, but issued for 127.0.0.1: another name is rejected.
            var elsewhere = registry.Host.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
            using var misled = new ClientUnderTest(new RegistryOptions { Host = elsewhere, CaFile = ca });
            var mismatch = Assert.IsType<FailedCheck>(await misled.Client.CheckAsync(ClientUnderTest.Image(elsewhere), [], CancellationToken.None)).Failure;
            Assert.Contains("the certificate is expired, is for a different name, or", mismatch.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Check_ClientCertificateIsMissing_SaysWhichOptionToSet()
    {
        using var folder = new TestFolder();
        var ca = WriteCertificates(folder.Path);
        await using var registry = await DockerRegistry.StartAsync(new DockerRegistrySettings(
            Certificate: Path.Combine(folder.Path, "server.pem"), Key: Path.Combine(folder.Path, "server.key"), ClientAuthority: ca));
        using var under = new ClientUnderTest(new RegistryOptions { Host = registry.Host, CaFile = ca });

        var check = await under.Client.CheckAsync(ClientUnderTest.Image(registry.Host), [], CancellationToken.None);

        Assert.Equal(
            $"{registry.Host} could not be reached for team/app:latest: a valid client certificate is required; "
            + "set ClientCertificateFile and ClientKeyFile in ImageUpdater:Registries",
            Assert.IsType<FailedCheck>(check).Failure.Message);
        Assert.Empty(under.Clock.Pauses);
    }

    private static ServedCheck Served(ImageCheck check) =>
        check as ServedCheck ?? throw new InvalidOperationException(Assert.IsType<FailedCheck>(check).Failure.Message);

    private static string WriteCertificates(string folder)
    {
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=Private CA", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var ca = caRequest.CreateSelfSigned(from, until);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=registry", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var server = request.Create(ca, from, until, [1, 2, 3]);

        File.WriteAllText(Path.Combine(folder, "ca.pem"), ca.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.pem"), server.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
        return Path.Combine(folder, "ca.pem");
    }
}
