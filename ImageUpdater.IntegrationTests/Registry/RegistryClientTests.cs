using System.IO.Compression;
using System.Text;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class RegistryClientTests
{
    private const string Path = ScriptedRegistry.Path;
    private static readonly string OtherDigest = "sha256:" + new string('a', 64);

    [Fact]
    public async Task Check_HeadWithDigest_IsServedInOneRequest()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served(OtherDigest)));
        using var under = ClientUnderTest.For(registry);

        var served = Assert.IsType<ServedCheck>(await under.CheckAsync(registry));

        Assert.Equal(OtherDigest, served.Digest.Value);
        Assert.Equal(ScriptedRegistry.ManifestType, served.MediaType);
        Assert.Equal(under.Clock.GetUtcNow(), served.At);
        var asked = Assert.Single(registry.Requests);
        Assert.Equal("", asked.Authorization);
        Assert.StartsWith(ScriptedRegistry.IndexType + ", ", asked.Accept, StringComparison.Ordinal);
        Assert.Equal(4, asked.Accept.Split(',').Length);
        Assert.Matches(@"\Aimage-updater/\d+\.\d+\.\d+\S*\z", asked.UserAgent);
    }

    private const string Arm = """{"os":"linux","architecture":"arm","variant":"v7","rootfs":{"type":"layers"},"history":[{"created_by":"x"}]}""";

    // Where the config may be there for the nodes, its absence here says nothing.
    public static TheoryData<string, int, string, string?, string?> Configs => new()
    {
        { Arm, 200, Arm, "linux/arm/v7", null },
        { "{}", 200, "{}", "", null },
        { """{"os":"unknown","architecture":"unknown"}""", 200, """{"os":"unknown","architecture":"unknown"}""", "", null },
        { """{"os":1}""", 200, """{"os":1}""", "", null },
        { "not JSON", 200, "not JSON", "", null },
        { Arm, 200, "{}", "", null },
        { Arm, 403, "", "", null },
        { Arm, 404, "", null, "NotFound" },
        { Arm, 500, "", null, "ServerError" },
    };

    [Theory]
    [MemberData(nameof(Configs))]
    public async Task WithPlatform_Config_IsReadWhereItCanBe(string config, int status, string sent, string? platform, string? failure)
    {
        var digest = Digest.OfContent(Encoding.UTF8.GetBytes(config));
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For($"GET /v2/team/app/blobs/{digest}", new Reply(status) { Body = sent }));
        using var under = ClientUnderTest.For(registry);
        var manifest = new Manifest(Digest.Parse(OtherDigest), ScriptedRegistry.ManifestType, digest, Children: null);

        var got = await under.Client.WithPlatformAsync(ClientUnderTest.Image(registry.Host), manifest, [], CancellationToken.None);

        Assert.Equal((platform, failure), (got.Value is { } read ? $"{read.Platform}" : null, got.Failure?.Kind.ToString()));
        Assert.Equal("", registry.Requests[0].Accept);
    }

    [Fact]
    public async Task WithPlatform_ConfigOnAHostThatCannotBeReached_LeavesThePlatformOpen()
    {
        var config = Digest.OfContent(Encoding.UTF8.GetBytes(Arm));
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For($"GET /v2/team/app/blobs/{config}", new Reply(307, ("Location", "http://127.0.0.1:9/blob"))));
        using var under = ClientUnderTest.For(registry);
        var manifest = new Manifest(Digest.Parse(OtherDigest), ScriptedRegistry.ManifestType, config, Children: null);

        Assert.Equal(manifest, (await under.Client.WithPlatformAsync(ClientUnderTest.Image(registry.Host), manifest, [], CancellationToken.None)).Value);
    }

    public static TheoryData<string, int, string[]> HeadsThatSayNothing => new()
    {
        { "refused as a method", 405, [] },
        { "refused as forbidden", 403, [] },
        { "not implemented", 501, [] },
        { "no digest", 200, [] },
        { "malformed digest", 200, ["sha256:ABC"] },
        { "digest of another form", 200, ["W/\"" + new string('a', 64) + "\""] },
        { "two digests", 200, ["sha256:" + new string('a', 64), "sha256:" + new string('b', 64)] },
    };

    [Theory]
    [MemberData(nameof(HeadsThatSayNothing))]
    public async Task Check_HeadSaysNothing_HashesWhatGetServes(string why, int status, string[] digests)
    {
        var head = new Reply(status, [("Content-Type", ScriptedRegistry.ManifestType), .. digests.Select(digest => ("Docker-Content-Digest", digest))]);
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, head),
            Rule.For("GET " + Path, new Reply(200, ("Docker-Content-Digest", OtherDigest)) { Body = ScriptedRegistry.Manifest }));
        using var under = ClientUnderTest.For(registry);

        Assert.True(await under.DigestAsync(registry) == ScriptedRegistry.ManifestDigest, why);
        Assert.Equal(["HEAD " + Path, "GET " + Path], registry.Lines.Where(line => line != "GET /v2/"));
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("GZIP", true)]
    [InlineData("gzip", false)]
    public async Task Check_AnswerZippedUnasked_HasTheDigestOfWhatWasZipped(string encoding, bool isZipped)
    {
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(ScriptedRegistry.Manifest));
        var body = isZipped ? zipped.ToArray() : Encoding.UTF8.GetBytes(ScriptedRegistry.Manifest);
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(405)),
            Rule.For("GET " + Path, new Reply(200, ("Content-Type", ScriptedRegistry.ManifestType), ("Content-Encoding", encoding)) { Then = context => context.Response.Body.WriteAsync(body).AsTask() }));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(
            isZipped ? ScriptedRegistry.ManifestDigest : $"{registry.Host} sent a response that is not valid gzip for team/app:latest", await under.DigestAsync(registry));
    }

    [Fact]
    public async Task Check_HeadOfAnotherType_AsksWithGetWhatItIs()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(200, ("Content-Type", "text/html"), ("Docker-Content-Digest", OtherDigest))),
            Rule.For("GET " + Path, new Reply(200, ("Content-Type", "text/html")) { Body = "<html>Please log in</html>" }));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry);

        Assert.Equal(RegistryFailureKind.InvalidAnswer, failure.Kind);
        Assert.Equal($"{registry.Host} sent a manifest that is not valid JSON for team/app:latest", failure.Message);
    }

    [Fact]
    public async Task Check_SchemaOne_IsRefused()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(200)), Rule.For("GET " + Path, Reply.Content("""{"schemaVersion":1,"fsLayers":[]}""")));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(RegistryFailureKind.InvalidAnswer, (await under.FailureAsync(registry)).Kind);
    }

    [Theory]
    [InlineData(404, RegistryFailureKind.NotFound, "404 Not Found", 3)]
    [InlineData(401, RegistryFailureKind.Unauthorized, "401 Unauthorized", 3)]
    [InlineData(418, RegistryFailureKind.InvalidAnswer, "418", 2)]
    [InlineData(304, RegistryFailureKind.InvalidAnswer, "304 Not Modified", 1)]
    public async Task Check_DefiniteAnswer_IsOneMessage(int status, RegistryFailureKind kind, string words, int requests)
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(status)), Rule.For("GET " + Path, new Reply(status)));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry);

        // By GET as well, and once to /v2/ for a challenge.
        Assert.Equal((kind, $"{registry.Host} answered {words} for team/app:latest"), (failure.Kind, failure.Message));
        Assert.Equal(requests, registry.Requests.Count);
    }

    [Fact]
    public async Task GetManifest_Index_GivesPlatformsWithoutAttestations()
    {
        const string Index = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
              {"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111","platform":{"os":"linux","architecture":"amd64"}},
              {"digest":"sha256:2222222222222222222222222222222222222222222222222222222222222222","platform":{"os":"linux","architecture":"arm","variant":"v7"}},
              {"digest":"sha256:3333333333333333333333333333333333333333333333333333333333333333","platform":{"os":"unknown","architecture":"unknown"}},
              {"digest":"sha256:4444444444444444444444444444444444444444444444444444444444444444","annotations":{"vnd.docker.reference.type":"attestation-manifest"}},
              {"digest":"sha256:5555555555555555555555555555555555555555555555555555555555555555"}]}
            """;
        var digest = Digest.OfContent(System.Text.Encoding.UTF8.GetBytes(Index));
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("GET /v2/team/app/manifests/" + digest, Reply.Content(Index, ScriptedRegistry.IndexType)));
        using var under = ClientUnderTest.For(registry);

        var got = await under.Client.GetManifestAsync(ClientUnderTest.Image(registry.Host), digest, [], CancellationToken.None);

        Assert.True(got.IsSuccess(out var manifest, out _));
        Assert.Equal((digest, ScriptedRegistry.IndexType, null), (manifest.Digest, manifest.MediaType, manifest.Config));
        Assert.Equal(
            ["1 linux/amd64", "2 linux/arm/v7", "5 "],
            manifest.Children!.Select(child => $"{child.Digest.Value[7]} {child.Platform}"));
    }

    [Fact]
    public async Task GetManifest_OtherContentThanAsked_IsInvalid()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("GET /v2/team/app/manifests/" + OtherDigest, Reply.Content()));
        using var under = ClientUnderTest.For(registry);

        var got = await under.Client.GetManifestAsync(
            ClientUnderTest.Image(registry.Host), Digest.Parse(OtherDigest), [], CancellationToken.None);

        Assert.Equal(RegistryFailureKind.InvalidAnswer, got.Failure!.Kind);
        Assert.Contains("sent content with the digest " + ScriptedRegistry.ManifestDigest[..19], got.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_Tag_GivesManifestAndCredential()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("GET " + Path, Reply.Content()));
        using var under = ClientUnderTest.For(registry);

        var got = await under.Client.ResolveAsync(
            ClientUnderTest.Image(registry.Host), [new RegistryCredential("pull secret a/b", "user", "pass")], CancellationToken.None);

        Assert.True(got.IsSuccess(out var resolved, out _));
        Assert.Equal("anonymous", resolved.Credential);
        Assert.Equal("sha256:" + new string('b', 64), resolved.Manifest.Config?.Value);
    }

    [Fact]
    public async Task Check_PortThatIsNone_IsUnreachable()
    {
        using var under = new ClientUnderTest();

        var check = await under.Client.CheckAsync(ClientUnderTest.Image("registry.example.com:99999"), [], CancellationToken.None);

        Assert.Equal(RegistryFailureKind.Unreachable, Assert.IsType<FailedCheck>(check).Failure.Kind);
    }

    [Fact]
    public async Task Check_RateLimitHeaders_AreExposed()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served() with
        {
            Headers = [.. Reply.Served().Headers, ("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "76;w=21600")],
        }));
        using var under = ClientUnderTest.For(registry);

        await under.CheckAsync(registry);

        Assert.Equal(
            new RegistryStatus(registry.Host, BackingOffUntil: null, new RateLimit(100, 76, TimeSpan.FromHours(6), under.Clock.GetUtcNow())),
            Assert.Single(under.Client.Registries));
    }

    [Fact]
    public void Address_DockerHub_IsItsApiHost() =>
        Assert.Equal("https://registry-1.docker.io/v2/", RegistryAddress.Of(new RegistryOptions { Host = "docker.io" })?.AbsoluteUri);
}
