using System.Security.Cryptography;
using System.Text;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Bodies;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Bodies are parsed while they arrive, within a memory that all registries share.</summary>
public sealed class LargeBodyTests
{
    private const string Path = ScriptedRegistry.Path;
    private const string Child = """{"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111","platform":{"os":"linux","architecture":"amd64"}}""";

    [Theory]
    [InlineData(1000, null)]
    [InlineData(1001, "sent an index with more than 1000 entries for team/app:latest")]
    public async Task Resolve_IndexOfManyEntries_StopsAfterAThousand(int entries, string? words)
    {
        var body = $$"""{"schemaVersion":2,"mediaType":"{{ScriptedRegistry.IndexType}}","manifests":[{{string.Join(',', Enumerable.Repeat(Child, entries))}}]}""";
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("GET " + Path, Reply.Content(body, ScriptedRegistry.IndexType)));
        using var under = ClientUnderTest.For(registry);

        var resolved = await under.Client.ResolveAsync(ClientUnderTest.Image(registry.Host), [], CancellationToken.None);

        if (words is null)
            Assert.Equal((Digest.OfContent(Encoding.UTF8.GetBytes(body)), entries), (resolved.Value!.Manifest.Digest, resolved.Value.Manifest.Children!.Count));
        else
            Assert.Equal($"{registry.Host} {words}", resolved.Failure!.Message);
    }

    [Theory]
    [InlineData(200 * 1024, null)]
    [InlineData(300 * 1024, "sent a manifest with a value of more than 256 KiB for team/app:latest")]
    public async Task Resolve_LongValue_FitsOrIsAFailure(int length, string? words)
    {
        var body = ScriptedRegistry.Manifest[..^1] + $$""","annotations":{"a":"{{new string('x', length)}}"} }""";
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("GET " + Path, Reply.Content(body)));
        using var under = ClientUnderTest.For(registry);

        var resolved = await under.Client.ResolveAsync(ClientUnderTest.Image(registry.Host), [], CancellationToken.None);

        Assert.Equal(words is null ? null : $"{registry.Host} {words}", resolved.Failure?.Message);
        Assert.Equal(words is null ? Digest.OfContent(Encoding.UTF8.GetBytes(body)) : null, resolved.Value?.Manifest.Digest);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha384")]
    [InlineData("sha512")]
    public async Task GetManifest_ByDigest_IsHashedAsTheDigest(string algorithm)
    {
        var bytes = Encoding.UTF8.GetBytes(ScriptedRegistry.Manifest);
        var hex = Convert.ToHexStringLower(algorithm switch { "sha256" => SHA256.HashData(bytes), "sha384" => SHA384.HashData(bytes), _ => SHA512.HashData(bytes) });
        var digest = Digest.Parse($"{algorithm}:{hex}");
        var other = Digest.Parse($"{algorithm}:{new string('0', hex.Length)}");
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For($"GET /v2/team/app/manifests/{digest}", Reply.Content()), Rule.For($"GET /v2/team/app/manifests/{other}", Reply.Content()));
        using var under = ClientUnderTest.For(registry);
        var image = ClientUnderTest.Image(registry.Host);

        Assert.Equal(digest, (await under.Client.GetManifestAsync(image, digest, [], CancellationToken.None)).Value!.Digest);
        Assert.Contains($"sent content with the digest {digest.Abbreviated}", (await under.Client.GetManifestAsync(image, other, [], CancellationToken.None)).Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_MemoryIsUsedUp_FailsOnlyWhatNeedsMore()
    {
        // Three blocks: the first body takes two, and the others need one each.
        var memory = new BodyMemory(blocks: 3);
        var call = new RegistryCall(new Uri("https://r.example.com/v2/"), "r.example.com", "team/app:1", 4 * 1024 * 1024, JsonBody.Scan<ManifestScan>(like: null));
        using var large = await BodyBuffer.TakeAsync(memory, JsonScan.MaxValue, CancellationToken.None);
        Assert.True(large.TryGrow());

        Assert.Equal(ScriptedRegistry.ManifestDigest, (await ReadAsync(ScriptedRegistry.Manifest)).Actual.Value);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => ReadAsync($"{{\"a\":\"{new string('x', 20_000)}\"}}"));
        Assert.Equal(
            (RegistryFailureKind.ServerError, true, "r.example.com sent a large response for team/app:1 while other responses use all the memory for them"),
            (refused.Refusal.Failure.Kind, refused.Refusal.MayPass, refused.Message));

        large.Dispose();
        Assert.True((await ReadAsync($"{{\"a\":\"{new string('x', 20_000)}\"}}")).Scan is { IsMalformed: false, IsTooLong: false });

        async Task<ScannedBody<ManifestScan>> ReadAsync(string body) =>
            (ScannedBody<ManifestScan>)await call.ReadBody!(call, new MemoryStream(Encoding.UTF8.GetBytes(body)), memory, CancellationToken.None);
    }

    [Theory]
    [InlineData("""{"os":"linux","architecture":"arm64","variant":"v8","config":{"os":"windows"},"history":[{"os":"x"}]}""", "linux/arm64/v8")]
    [InlineData("""{"architecture":"amd64","os":"linux","variant":null}""", "linux/amd64")]
    [InlineData("""{"os":"unknown","architecture":"unknown"}""", null)]
    [InlineData("""{"os":["linux"],"architecture":"amd64"}""", null)]
    [InlineData("""["linux"]""", null)]
    [InlineData("", null)]
    public void Platform_OfAConfig_IsReadOrNot(string body, string? platform)
    {
        for (var step = 1; step < 10; step += 4)
            Assert.Equal(platform, Bodies.Scan(new ImageConfig(), Encoding.UTF8.GetBytes(body), step).Platform?.ToString());
    }

    [Fact]
    public void Add_MoreThanFits_IsBoundedForARegistryAndForAll()
    {
        var shared = new ByteBudget(1000);
        using var one = new BoundedCache<string, string>(shared, 600);
        using var two = new BoundedCache<string, string>(shared, 600);

        Fill(one, 10);
        Fill(two, 10);
        Assert.Equal((6, 4), (Count(one), Count(two)));

        // What has ended makes room, for this registry and for others.
        one.Add("new", "v", 100, isEnded: _ => true);
        Assert.Equal((0, true), (Count(one), one.TryFind("new", out _)));
        Fill(two, 10);
        Assert.Equal(6, Count(two));
        two.Dispose();
        Fill(one, 10);
        Assert.Equal(5, Count(one));

        static void Fill(BoundedCache<string, string> cache, int count)
        {
            for (var i = 0; i < count; i++)
                cache.Add($"{i}", "v", 100, isEnded: _ => false);
        }

        static int Count(BoundedCache<string, string> cache) => Enumerable.Range(0, 10).Count(i => cache.TryFind($"{i}", out _));
    }
}
