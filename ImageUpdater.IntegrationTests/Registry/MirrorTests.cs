using System.Text;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class MirrorTests
{
    private const string Path = ScriptedRegistry.Path;

    private static readonly RegistryCredential Alice = new("pull secret default/alice", "alice", "s3cret-one");

    [Fact]
    public async Task Check_Mirrors_AreAskedInOrderBeforeTheRegistry()
    {
        await using var first = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(404)));
        await using var second = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served()));
        await using var registry = await ScriptedRegistry.StartAsync();
        using var under = Mirrored(registry, new RegistryMirror { Url = $"http://{first.Host}" }, new RegistryMirror { Url = $"http://{second.Host}" });

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Equal($"HEAD {Path}?ns={Uri.EscapeDataString(registry.Host)}", first.Lines[0]);
        Assert.Single(second.Lines);
        Assert.Empty(registry.Lines);
    }

    [Fact]
    public async Task Check_AllFail_SaysWhatEachAnswered()
    {
        await using var mirror = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(404)));
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Challenge("Basic realm=\"x\"")));
        using var under = Mirrored(registry, new RegistryMirror { Url = $"http://{mirror.Host}" });

        var failure = await under.FailureAsync(registry);

        Assert.Equal(RegistryFailureKind.Unauthorized, failure.Kind);
        Assert.Equal(
            $"{registry.Host} answered 401 Unauthorized for team/app:latest; tried: anonymous; "
            + $"mirrors failed first: {registry.Host}'s mirror {mirror.Host} answered 404 Not Found for team/app:latest",
            failure.Message);
    }

    [Fact]
    public async Task Check_Credentials_StayWithTheirHost()
    {
        var own = new RegistryMirror { Username = "mirror", Password = "s3cret-mirror" };
        await using var mirror = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Challenge("Basic realm=\"x\"")));
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, Basic("alice:s3cret-one"), Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge("Basic realm=\"x\"")));
        using var under = Mirrored(registry, own with { Url = $"http://{mirror.Host}" });

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));

        Assert.Equal(["", Basic("mirror:s3cret-mirror"), ""], mirror.Requests.Select(asked => asked.Authorization));
        Assert.Equal(["", Basic("alice:s3cret-one")], registry.Requests.Select(asked => asked.Authorization));
    }

    [Fact]
    public async Task Check_MirrorBelowAPath_IsAskedThereWithItsName()
    {
        await using var mirror = await ScriptedRegistry.StartAsync(
            new Rule("HEAD /v2/proxy/hub/team/app/manifests/latest", "Bearer t1", Reply.Served()),
            Rule.For("HEAD /v2/proxy/hub/team/app/manifests/latest", Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", Reply.Token("""{"token":"t1"}""")));
        await using var registry = await ScriptedRegistry.StartAsync();
        using var under = Mirrored(registry, new RegistryMirror { Url = $"http://{mirror.Host}/v2/proxy/hub" });

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Contains("GET /token?service=scripted&scope=repository%3Aproxy%2Fhub%2Fteam%2Fapp%3Apull", mirror.Lines);
    }

    [Fact]
    public async Task Check_Rewrite_ChangesTheNameAtTheMirrorOnly()
    {
        await using var mirror = await ScriptedRegistry.StartAsync();
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served()));
        using var under = Mirrored(registry, new RegistryMirror
        {
            Url = $"http://{mirror.Host}",
            Rewrites = [RepositoryRewrite.Parse("^other/(.*)", "x/$1")!, RepositoryRewrite.Parse("^team/(.*)", "https://evil.example.com/$1")!],
        });

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Equal(2, mirror.Lines.Count(line => line.Contains(" /v2/https:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Check_SilentMirror_IsLeftOutForAMinute()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served()));
        using var under = Mirrored(registry, new RegistryMirror { Url = "http://127.0.0.1:1" });

        await under.DigestAsync(registry);
        var pauses = under.Clock.Pauses.Count;
        Assert.Equal(2, pauses);
        await under.DigestAsync(registry);
        Assert.Equal(pauses, under.Clock.Pauses.Count);

        under.Clock.Advance(TimeSpan.FromMinutes(2));
        await under.DigestAsync(registry);
        Assert.Equal(2 * pauses, under.Clock.Pauses.Count);
    }

    [Fact]
    public async Task Check_MirrorsOnly_NeverAsksTheRegistryItself()
    {
        await using var first = await ScriptedRegistry.StartAsync();
        await using var last = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(404)));
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served()));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host) with
        {
            Mirrors = [new() { Url = $"http://{first.Host}" }, new() { Url = $"http://{last.Host}" }],
            MirrorsOnly = true,
        });

        var failure = await under.FailureAsync(registry, Alice);

        Assert.Equal(
            $"{registry.Host}'s mirror {last.Host} answered 404 Not Found for team/app:latest; "
            + $"mirrors failed first: {registry.Host}'s mirror {first.Host} answered 404 Not Found for team/app:latest",
            failure.Message);
        Assert.Empty(registry.Lines);
    }

    [Fact]
    public async Task Check_OnlyMirrorIsSilent_IsAskedAllTheSame()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served()));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host) with { Mirrors = [new() { Url = "http://127.0.0.1:1" }], MirrorsOnly = true });

        for (var asked = 1; asked <= 2; asked++)
        {
            Assert.Equal(RegistryFailureKind.Unreachable, (await under.FailureAsync(registry)).Kind);
            Assert.Equal(2 * asked, under.Clock.Pauses.Count);
        }

        Assert.Empty(registry.Lines);
    }

    [Fact]
    public async Task Check_MirrorOfAll_IsOneHostForAllRegistries()
    {
        await using var mirror = await ScriptedRegistry.StartAsync(Rule.For("HEAD /v2/team/app/manifests/latest", new Reply(429, ("Retry-After", "120"))));
        await using var one = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served()));
        var any = new RegistryMirror { Url = $"http://{mirror.Host}" };
        using var under = new ClientUnderTest(
            ClientUnderTest.PlainHttp(one.Host) with { Mirrors = [any] }, new RegistryOptions { Host = "*", Mirrors = [any], Timeout = TimeSpan.FromSeconds(5) });

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(one));
        var elsewhere = await under.Client.CheckAsync(ImageReference.Parse("127.0.0.1:1/team/app").Value!, [], CancellationToken.None);

        // The mirror's backoff applies to all registries that it mirrors.
        Assert.Single(mirror.Lines);
        Assert.Contains($"mirrors failed first: {mirror.Host}: backing off until ", Assert.IsType<FailedCheck>(elsewhere).Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Alias_IsAskedThereWithTheRegistrysCredentials()
    {
        await using var real = await ScriptedRegistry.StartAsync(
            new Rule("HEAD /v2/x/team/app/manifests/latest", Basic("alice:s3cret-one"), Reply.Served()),
            Rule.For("HEAD /v2/x/team/app/manifests/latest", Reply.Challenge("Basic realm=\"x\"")));
        using var under = new ClientUnderTest(new RegistryOptions { Host = "registry.internal", Alias = real.Host + "/v2/x", PlainHttp = true });

        var check = await under.Client.CheckAsync(ClientUnderTest.Image("registry.internal"), [Alice], CancellationToken.None);

        Assert.Equal(ScriptedRegistry.ManifestDigest, Assert.IsType<ServedCheck>(check).Digest.Value);
    }

    [Fact]
    public async Task Resolve_Mirror_PrintsWhoAnsweredAndEveryAttempt()
    {
        await using var mirror = await ScriptedRegistry.StartAsync();
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("GET " + Path, Basic("own:s3cret-own"), Reply.Content()),
            Rule.For("GET " + Path, Reply.Challenge("Basic realm=\"x\"")));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host) with
        {
            Username = "own",
            Password = "s3cret-own",
            Mirrors = [new RegistryMirror { Url = $"http://{mirror.Host}" }],
        });
        var attempts = new Attempts();

        var resolved = await under.Client.ResolveAsync(ClientUnderTest.Image(registry.Host), [Alice], attempts, CancellationToken.None);

        Assert.Equal((registry.Host, $"ImageUpdater:Registries, {registry.Host}"), (resolved.Value!.Server, resolved.Value.Credential));
        Assert.Equal(
            [
                $"{registry.Host}'s mirror {mirror.Host}|anonymous|{registry.Host}'s mirror {mirror.Host} answered 404 Not Found for team/app:latest",
                $"{registry.Host}|pull secret default/alice|{registry.Host} answered 401 Unauthorized for team/app:latest",
                $"{registry.Host}|ImageUpdater:Registries, {registry.Host}|",
            ],
            attempts.All.Select(attempt => $"{attempt.Server}|{attempt.Credential}|{attempt.Ending}"));
    }

    [Fact]
    public async Task BackOff_MirrorsOnly_IsThatOfTheLastMirror()
    {
        await using var mirror = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(429, ("Retry-After", "120"), ("ratelimit-limit", "100;w=60"), ("ratelimit-remaining", "7;w=60")), Reply.Served()));
        var options = new RegistryOptions { Host = "registry.invalid", Mirrors = [new RegistryMirror { Url = $"http://{mirror.Host}" }], MirrorsOnly = true };
        using var under = new ClientUnderTest(options);
        var image = ClientUnderTest.Image("registry.invalid");

        await under.Client.CheckAsync(image, [], CancellationToken.None);

        var until = under.Clock.GetUtcNow().AddSeconds(120);
        Assert.Equal(("registry.invalid", until, 7), (under.Client.StatusOf("registry.invalid")!.Registry, under.Client.StatusOf("registry.invalid")!.BackingOffUntil, under.Client.Registries.Single().RateLimit!.Remaining));

        // Restored from the store by another process.
        using var other = new ClientUnderTest(options);
        other.Client.BackOffUntil("registry.invalid", until);
        Assert.Contains(": backing off until ", Assert.IsType<FailedCheck>(await other.Client.CheckAsync(image, [], CancellationToken.None)).Failure.Message, StringComparison.Ordinal);
        Assert.Single(mirror.Lines);
    }

    private static ClientUnderTest Mirrored(ScriptedRegistry registry, params RegistryMirror[] mirrors) =>
        new(ClientUnderTest.PlainHttp(registry.Host) with { Mirrors = mirrors });

    private static string Basic(string account) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(account));

    private sealed class Attempts : IProgress<Attempt>
    {
        public List<Attempt> All { get; } = [];

        public void Report(Attempt value) => All.Add(value);
    }
}
