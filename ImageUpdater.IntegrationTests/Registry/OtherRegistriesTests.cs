using ImageUpdater.Core.Observing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Registries that answer in odd ways, and that containerd, skopeo and go-containerregistry can read.</summary>
public sealed class OtherRegistriesTests
{
    private const string Path = ScriptedRegistry.Path;
    private const string Token = """{"token":"t1"}""";

    private static readonly RegistryCredential Alice = new("pull secret default/alice", "alice", "s3cret-one");
    private static readonly RegistryCredential Robot = new("pull secret default/robot", "00000000", "", "s3cret-identity");

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    [InlineData(501)]
    public async Task Check_HeadRefusedWhereGetAnswers_IsServed(int status)
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(status)), Rule.For("GET " + Path, Reply.Content()));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Check_ChallengeAtTheBaseOnly_IsAnsweredWithTheAccount(int status)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, new Reply(status)),
            Rule.For("GET /v2/", Reply.Challenge(ScriptedRegistry.Bearer() + ",scope=\"repository:user/image:pull\"")),
            new Rule("GET /token", Alice.AsBasic().ToString(), Reply.Token(Token)));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));
        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));

        Assert.Equal(
            [
                "HEAD " + Path, "GET /v2/",
                "GET /token?service=scripted&scope=repository%3Auser%2Fimage%3Apull&scope=repository%3Ateam%2Fapp%3Apull",
                "HEAD " + Path, "HEAD " + Path,
            ],
            registry.Lines);
    }

    [Fact]
    public async Task Check_BasicAtTheBaseOnly_IsAnsweredWithTheAccount()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, Alice.AsBasic().ToString(), Reply.Served()),
            Rule.For("GET /v2/", Reply.Challenge("Basic realm=x")));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));
    }

    [Fact]
    public async Task Check_ManyMissingImages_AskTheBaseOnce()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("GET /v2/", new Reply(200)));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(RegistryFailureKind.NotFound, (await under.FailureAsync(registry, Alice)).Kind);
        Assert.Equal(RegistryFailureKind.NotFound, (await under.FailureAsync(registry, Alice)).Kind);

        Assert.Single(registry.Lines, line => line == "GET /v2/");
        Assert.All(registry.Requests, asked => Assert.Equal("", asked.Authorization));
    }

    [Fact]
    public async Task Check_RedirectToAnotherRegistry_AnswersItsChallengeAnonymously()
    {
        await using var other = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            new Rule("GET /token", "", Reply.Token(Token)));
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "", Reply.Challenge("Basic realm=x")),
            Rule.For("HEAD " + Path, new Reply(307, ("Location", $"http://{other.Host}{Path}"))));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));

        Assert.Equal(["HEAD " + Path, "GET /token?service=scripted&scope=repository%3Ateam%2Fapp%3Apull", "HEAD " + Path], other.Lines);
        Assert.Equal(["", "", "Bearer t1"], other.Requests.Select(asked => asked.Authorization));
        Assert.Equal(["", Alice.AsBasic().ToString()], registry.Requests.Select(asked => asked.Authorization));
    }

    [Fact]
    public async Task Check_RedirectToAnotherRegistryThatStaysClosed_SaysWhichItIs()
    {
        await using var other = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())), Rule.For("GET /token", Reply.Token(Token)));
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(307, ("Location", $"http://{other.Host}{Path}"))));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(
            $"{registry.Host} redirected for team/app:latest to {other.Host}, which answered 401 Unauthorized", (await under.FailureAsync(registry, Alice)).Message);
        Assert.Equal(3, other.Requests.Count);
        Assert.DoesNotContain(other.Requests, asked => asked.Authorization.StartsWith("Basic", StringComparison.Ordinal));
    }

    // The same with real parts: a name that redirects to Debian's docker-registry with its token server.
    [Fact]
    public async Task Check_RedirectToARealRegistryWithTokens_UsesNoCredentialsThere()
    {
        using var folder = new Kubernetes.TestFolder();
        await using var tokens = await TokenServer.StartAsync(folder.Path);
        await using var real = await DockerRegistry.StartAsync(new DockerRegistrySettings(Tokens: tokens));
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(307, ("Location", $"http://{real.Host}{Path}"))));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry, Alice);

        Assert.Equal(RegistryFailureKind.Unauthorized, failure.Kind);
        Assert.All(tokens.Asked, asked => Assert.StartsWith(" ", asked, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    public async Task Check_IdentityTokenWherePostIsRefused_FallsBackToGet(int status)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("POST /token", new Reply(status)),
            new Rule("GET /token", Robot.AsBasic().ToString(), Reply.Token(Token)));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Robot));
    }

    [Fact]
    public async Task Check_EmptyMediaType_IsAnAbsentOne()
    {
        var manifest = ScriptedRegistry.Manifest.Replace("{\"schemaVersion\":2,", "{\"schemaVersion\":2,\"mediaType\":\"\",", StringComparison.Ordinal);
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(200)), Rule.For("GET " + Path, Reply.Content(manifest)));
        using var under = ClientUnderTest.For(registry);

        Assert.IsType<ServedCheck>(await under.CheckAsync(registry));
    }

    [Theory]
    [InlineData("Bearer realm=\"/token\"", "the token server in its challenge, '/token', is not an http or https URL")]
    [InlineData("Bearer realm=\"ftp://x/token\"", "the token server in its challenge, 'ftp://x/token', is not an http or https URL")]
    [InlineData("Bearer service=\"x\"", "its challenge names no token server")]
    [InlineData("Negotiate", "it requires Negotiate authentication, which is not supported")]
    public async Task Check_ChallengeThatCannotBeAnswered_SaysWhy(string challenge, string reason)
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Challenge(challenge)));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal($"{registry.Host} answered 401 Unauthorized for team/app:latest; {reason}", (await under.FailureAsync(registry, Alice)).Message);
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData("https://auth.docker.io/token", "https://registry-1.docker.io/v2/", "docker.io", true)]
    [InlineData("https://gitlab.com/jwt/auth", "https://registry.gitlab.com/v2/", "registry.gitlab.com", true)]
    [InlineData("https://gitlab.example.com/jwt/auth", "https://registry.example.com:5050/v2/", "registry.example.com:5050", true)]
    [InlineData("https://AUTH.example.com./token", "https://eu.registry.example.com/v2/", "eu.registry.example.com", true)]
    [InlineData("https://gitlab.internal/jwt/auth", "https://10.0.0.5:5000/v2/", "registry.gitlab.internal", true)]
    [InlineData("https://example.com.evil.test/token", "https://registry.example.com/v2/", "registry.example.com", false)]
    [InlineData("https://notexample.com/token", "https://registry.example.com/v2/", "registry.example.com", false)]
    [InlineData("https://registry.example.com@evil.test/token", "https://registry.example.com/v2/", "registry.example.com", false)]
    [InlineData("https://evil.co.uk/token", "https://registry.co.uk/v2/", "registry.co.uk", false)]
    [InlineData("https://auth.registry.co.uk/token", "https://registry.co.uk/v2/", "registry.co.uk", true)]
    [InlineData("https://evil.github.io/token", "https://mine.github.io/v2/", "mine.github.io", false)]
    [InlineData("https://auth.evil.svc.cluster.local/token", "https://registry.team-a.svc.cluster.local/v2/", "registry.team-a.svc.cluster.local", false)]
    [InlineData("https://auth.team-a.svc.cluster.local/token", "https://registry.team-a.svc.cluster.local/v2/", "registry.team-a.svc.cluster.local", true)]
    [InlineData("https://10.0.0.6/token", "https://10.0.0.5/v2/", "10.0.0.5", false)]
    [InlineData("https://auth:5001/token", "https://registry:5000/v2/", "registry:5000", false)]
    [InlineData("https://registry:5001/token", "https://registry:5000/v2/", "registry:5000", true)]
    [InlineData("https://[fd00::2]/token", "https://[fd00::1]:5000/v2/", "[fd00::1]:5000", false)]
    [InlineData("https://tokens.elsewhere.test/token", "https://registry.example.com/v2/", "registry.example.com", true)]
    [InlineData("http://registry:5001/token", "http://registry:5000/v2/", "registry:5000", false)]
    [InlineData("https://registry:5001/token", "http://registry:5000/v2/", "registry:5000", false)]
    [InlineData("http://registry:5000/token", "http://registry:5000/v2/", "registry:5000", true)]
    [InlineData("https://registry/token", "http://registry:5000/v2/", "registry:5000", true)]
    [InlineData("https://auth.team-a.svc/token", "https://registry.team-a.svc/v2/", "registry.team-a.svc", true)]
    [InlineData("https://evil.team-b.svc.corp.example.com/token", "https://registry.team-a.svc.corp.example.com/v2/", "registry.team-a.svc.corp.example.com", false)]
    [InlineData("https://evil.azurecr.io/oauth2/token", "https://mine.azurecr.io/v2/", "mine.azurecr.io", false)]
    [InlineData("https://mine.azurecr.io/oauth2/token", "https://mine.azurecr.io/v2/", "mine.azurecr.io", true)]
    [InlineData("https://x.execute-api.eu-west-1.amazonaws.com/t", "https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/", "1.dkr.ecr.eu-west-1.amazonaws.com", false)]
    [InlineData("https://dockerauth.cn-hangzhou.aliyuncs.com/auth", "https://registry.cn-hangzhou.aliyuncs.com/v2/", "registry.cn-hangzhou.aliyuncs.com", true)]
    [InlineData("https://evil.6.6.6.5.nip.io/token", "https://registry.10.0.0.5.nip.io/v2/", "registry.10.0.0.5.nip.io", false)]
    [InlineData("https://evil-uc.a.run.app/token", "https://mine-uc.a.run.app/v2/", "mine-uc.a.run.app", false)]
    public void Includes_TokenServer_IsOfTheRegistrysDomainOrNamed(string realm, string home, string name, bool expected) =>
        Assert.Equal(expected, OwnDomain.Includes(new Uri(realm), new Uri(home), name, ["tokens.elsewhere.test"]));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Check_TokenServerOfAnotherDomain_GetsTheAccountOnlyIfItIsNamed(bool isNamed)
    {
        await using var tokens = await ScriptedRegistry.StartAsync(Rule.For("GET /token", Reply.Token(Token)));
        var there = $"localhost:{tokens.Host.Split(':')[1]}";
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer($"http://{there}/token"))));
        var options = ClientUnderTest.PlainHttp(registry.Host) with { Alias = registry.Host };
        using var under = new ClientUnderTest(isNamed ? options with { TokenHosts = ["localhost"] } : options);

        var message = (await under.FailureAsync(registry, Alice, Robot)).Message;

        Assert.Equal(isNamed, tokens.Requests.Any(asked => asked.Authorization == Alice.AsBasic().ToString()));
        Assert.Equal(isNamed, tokens.Requests.Any(asked => asked.Body.Contains("s3cret-identity", StringComparison.Ordinal)));
        if (!isNamed)
        {
            Assert.DoesNotContain("s3cret", string.Concat(tokens.Requests), StringComparison.Ordinal);
            Assert.Contains(
                $"; not sent: pull secret default/alice, pull secret default/robot (the token server {there} is not in the domain of {registry.Host}; to allow this host, add it to TokenHosts in ImageUpdater:Registries)",
                message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("100;w=21600", "20;w=21600", 100, 20, 21600)]
    [InlineData("100;w=99999999999999", "99999999999", 100, int.MaxValue, 86400)]
    [InlineData("0;w=0", "0", 0, 0, null)]
    [InlineData("100;w=-5", "-3", 100, null, null)]
    public void Parse_RateLimit_IsClamped(string limit, string remaining, int? expectedLimit, int? expectedRemaining, int? seconds)
    {
        var parsed = RateLimitHeaders.Parse(limit, remaining, DateTimeOffset.UnixEpoch);

        Assert.Equal(new RateLimit(expectedLimit, expectedRemaining, seconds is { } window ? TimeSpan.FromSeconds(window) : null, DateTimeOffset.UnixEpoch), parsed);
    }

    /// <summary>However large the numbers are, the next check is within days.</summary>
    [Theory]
    [InlineData("2147483647;w=2147483647", "0;w=2147483647")]
    [InlineData("2147483647;w=2147483647", "1;w=2147483647")]
    [InlineData("1;w=99999999999999999999", "99999999999999999999")]
    [InlineData("99999999999999999999", "0")]
    public void NextCheck_AnyRateLimit_IsWithinTwoDaysAndIntervals(string limit, string remaining)
    {
        var (now, interval) = (new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero), TimeSpan.FromMinutes(5));
        var check = new ServedCheck(ClientUnderTest.Image("r.example.com"), now, Core.Images.Digest.Parse(ScriptedRegistry.ManifestDigest), ScriptedRegistry.ManifestType);

        foreach (var images in new[] { 1, 100_000 })
        {
            var pace = CheckPace.Of(interval, images, RateLimitHeaders.Parse(limit, remaining, now), now);
            Assert.InRange(CheckSchedule.Next(before: null, check, pace, fraction: 1), now, now + (2 * (TimeSpan.FromDays(1) + interval)));
        }
    }

    [Theory]
    [InlineData("99999999999999999999", true, 3600)]
    [InlineData("2147483647", true, 3600)]
    [InlineData("0", true, 1)]
    [InlineData("-1", false, 60)]
    [InlineData("Mon, 01 Jan 1900 00:00:00 GMT", true, 1)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", true, 3600)]
    public void Until_RetryAfter_IsClamped(string header, bool isTime, int seconds)
    {
        Assert.Equal(isTime, RetryAfter.IsTime(header));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(seconds), RetryAfter.Until(header, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task Check_SandboxHead404_IsServedByGet()
    {
        await using var registry = await SandboxRegistry.StartAsync();
        registry.PushImage("team/app", "latest", "one");
        registry.Faults.Add(new RegistryFault { Method = "HEAD", Status = 404 });
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Address));

        Assert.IsType<ServedCheck>(await under.Client.CheckAsync(ClientUnderTest.Image(registry.Address), [], CancellationToken.None));
    }
}
