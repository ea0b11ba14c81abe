using System.Text;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class AuthorizationTests
{
    private const string Path = ScriptedRegistry.Path;
    private const string TokenQuery = "/token?service=scripted&scope=repository%3Ateam%2Fapp%3Apull";

    private static readonly RegistryCredential Alice = new("pull secret default/alice", "alice", "s3cret-one");
    private static readonly RegistryCredential Bob = new("pull secret default/bob", "bob", "s3cret-two");
    private static readonly RegistryCredential Robot = new("pull secret default/robot", "00000000", "", "s3cret-identity");

    [Fact]
    public async Task Check_Bearer_FetchesATokenOnceAndSendsItAtOnceTheNextTime()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge("Negotiate", ScriptedRegistry.Bearer())),
            new Rule("GET /token", Basic(Alice), Reply.Token("""{"token":"t1","expires_in":300}""")));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));
        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));

        Assert.Equal(["HEAD " + Path, "GET " + TokenQuery, "HEAD " + Path, "HEAD " + Path], registry.Lines);
    }

    public static TheoryData<string, int, bool> Lifetimes => new()
    {
        { """{"access_token":"t1"}""", 45, true },
        { """{"access_token":"t1"}""", 55, false },
        { """{"token":"t1","expires_in":300}""", 280, true },
        { """{"token":"t1","expires_in":300}""", 295, false },
        { """{"token":"t1","expires_in":"300"}""", 280, true },
        { """{"token":"t1","expires_in":-5}""", 45, true },
        { """{"token":"t1","expires_in":1e300}""", 40000, true },
        { """{"token":"t1","expires_in":10}""", 9, false },
    };

    [Theory]
    [MemberData(nameof(Lifetimes))]
    public async Task Check_TokenLifetime_IsKeptUntilShortlyBeforeItsEnd(string token, int seconds, bool isKept)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", Reply.Token(token)));
        using var under = ClientUnderTest.For(registry);

        await under.DigestAsync(registry);
        under.Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Equal(isKept ? 1 : 2, registry.Lines.Count(line => line.StartsWith("GET /token", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Check_CachedTokenNoLongerAccepted_FetchesOneFreshOne()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served(), Reply.Challenge(ScriptedRegistry.Bearer())),
            new Rule("HEAD " + Path, "Bearer t2", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", Reply.Token("""{"token":"t1","expires_in":300}"""), Reply.Token("""{"token":"t2","expires_in":300}""")));
        using var under = ClientUnderTest.For(registry);

        await under.DigestAsync(registry);
        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Equal(6, registry.Requests.Count);
    }

    [Fact]
    public async Task Check_ManyAtOnce_ShareOneToken()
    {
        var release = new TaskCompletionSource();
        var token = Reply.Token("") with
        {
            Then = async context =>
            {
                await release.Task;
                await context.Response.Body.WriteAsync("""{"token":"t1"}"""u8.ToArray());
            },
        };
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", token));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host) with { MaxConcurrency = 8 });

        // The first caller is cancelled while its token is being requested; the others must still get it.
        using var impatient = new CancellationTokenSource();
        var first = under.Client.CheckAsync(ClientUnderTest.Image(registry.Host), [], impatient.Token);
        while (!registry.Lines.Contains("GET " + TokenQuery))
            await Task.Yield();
        var others = Enumerable.Range(0, 5).Select(_ => under.DigestAsync(registry)).ToArray();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        release.SetResult();

        Assert.All(await Task.WhenAll(others), digest => Assert.Equal(ScriptedRegistry.ManifestDigest, digest));
        Assert.Single(registry.Lines, line => line == "GET " + TokenQuery);
    }

    [Fact]
    public async Task Check_EveryAnswerIsAChallenge_EndsAndSaysWhatWasTried()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", Reply.Token("""{"token":"powerless"}""")));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry, Alice);

        Assert.Equal(RegistryFailureKind.Unauthorized, failure.Kind);
        Assert.Equal(
            $"{registry.Host} answered 401 Unauthorized for team/app:latest; tried: pull secret default/alice, anonymous", failure.Message);
        Assert.Equal(5, registry.Requests.Count);

        // The second check has the challenge and both tokens cached: each token is replaced once.
        await under.FailureAsync(registry, Alice);
        Assert.Equal(5 + 6, registry.Requests.Count);
    }

    [Fact]
    public async Task Check_UnrelatedCredential_DoesNotPreventAnonymous()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer open", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            new Rule("GET /token", "", Reply.Token("""{"token":"open"}""")),
            Rule.For("GET /token", new Reply(401)));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice, Robot));
    }

    [Fact]
    public async Task Check_Basic_TriesTheCandidatesInOrder()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, Basic(Bob), Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge("Basic realm=\"x\"")));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice, Bob));

        Assert.Equal(["", Basic(Alice), Basic(Bob)], registry.Requests.Select(asked => asked.Authorization));
    }

    [Fact]
    public async Task Check_BasicWithoutCredentials_SaysSo()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Challenge("Basic realm=\"x\"")));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry);

        Assert.Equal($"{registry.Host} answered 401 Unauthorized for team/app:latest; tried: anonymous", failure.Message);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task Check_IdentityToken_IsPostedAsARefreshToken()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("POST /token", Reply.Token("""{"access_token":"t1"}""")));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Robot));

        var post = registry.Requests.Single(asked => asked.Line == "POST /token");
        Assert.Equal(
            ["client_id=image-updater", "grant_type=refresh_token", "refresh_token=s3cret-identity", "scope=repository%3Ateam%2Fapp%3Apull", "service=scripted"],
            post.Body.Split('&').Order(StringComparer.Ordinal));
        Assert.Equal("", post.Authorization);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    public async Task Check_IdentityTokenWithoutPost_FallsBackToGet(int status)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("POST /token", new Reply(status)),
            new Rule("GET /token", "Basic " + Base64("00000000:s3cret-identity"), Reply.Token("""{"token":"t1"}""")));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Robot));
    }

    [Theory]
    [InlineData("<html>", 200)]
    [InlineData("{}", 200)]
    [InlineData("null", 200)]
    [InlineData("""{"token":["t"]}""", 200)]
    [InlineData("""{"token":"a\r\nX-Evil: 1"}""", 200)]
    [InlineData("""{"token":"\ud800"}""", 200)]
    [InlineData("", 400)]
    public async Task Check_TokenServerAnswersRubbish_IsAFailure(string body, int status)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", new Reply(status) { Body = body }));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry);

        Assert.Equal(RegistryFailureKind.InvalidAnswer, failure.Kind);
        Assert.StartsWith($"{registry.Host}'s token server {registry.Host} ", failure.Message, StringComparison.Ordinal);
    }

    // A proxy that rewrites paths: the repository in the scope differs from the requested one.
    [Theory]
    [InlineData("repository:proxy/hub/team/app:pull", "proxy/hub/team/app")]
    [InlineData("registry:catalog:* repository:localhost:5000/team/app:push,pull", "localhost:5000/team/app")]
    [InlineData("repository:other:push", "team/app")]
    [InlineData("repository::pull", "team/app")]
    [InlineData("aws", "team/app")]
    [InlineData("", "team/app")]
    public async Task Check_ScopeOfTheChallenge_SaysWhatTheTokenIsFor(string scope, string repository)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge($"{ScriptedRegistry.Bearer()},scope=\"{scope}\"")),
            Rule.For("GET /token", Reply.Token("""{"token":"t1"}""")));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        // Another repository than ours is asked for first, and ours as well.
        var scopes = new[] { repository, "team/app" }.Distinct().Select(name => "&scope=" + Uri.EscapeDataString($"repository:{name}:pull"));
        Assert.Contains($"GET /token?service=scripted{string.Concat(scopes)}", registry.Lines);
    }

    [Theory]
    [InlineData("http://auth.example.com/token", "auth.example.com without HTTPS")]
    [InlineData("https://169.254.169.254/latest/meta-data/", "169.254.169.254, a private address that is not the registry's")]
    [InlineData("https://10.0.0.1/token", "10.0.0.1, a private address that is not the registry's")]
    [InlineData("https://[::ffff:10.0.0.1]/token", "[::ffff:10.0.0.1], a private address that is not the registry's")]
    [InlineData("https://2852039166/token", "169.254.169.254, a private address that is not the registry's")]
    [InlineData("https://[64:ff9b::a9fe:a9fe]/token", "[64:ff9b::a9fe:a9fe], a private address that is not the registry's")]
    [InlineData("https://[fe80::1]/token", "[fe80::1], a private address that is not the registry's")]
    public async Task Check_RealmThatIsNotAllowed_GetsNoCredentials(string realm, string words)
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer(realm))));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry, Alice);

        Assert.Equal(RegistryFailureKind.InvalidAnswer, failure.Kind);
        Assert.Contains($"'s token server {new Uri(realm).Authority} was not contacted for team/app:latest: {words}", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Check_TokenServerOnAnotherPortOfAHostWithoutHttps_GetsTheAccountOnlyIfItIsNamed(bool isNamed)
    {
        await using var tokens = await ScriptedRegistry.StartAsync(new Rule("GET /token", Basic(Alice), Reply.Token("""{"token":"t1"}""")));
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer($"http://{tokens.Host}/token"))));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host) with { TokenHosts = isNamed ? ["127.0.0.1"] : [] });

        var answer = await under.DigestAsync(registry, Alice);

        Assert.Equal(isNamed, tokens.Requests.Any(asked => asked.Authorization.Length > 0));
        if (isNamed)
            Assert.Equal(ScriptedRegistry.ManifestDigest, answer);
        else
            Assert.Contains($"not sent: {Alice.Origin} (the token server {tokens.Host} is on another port of {registry.Host} without HTTPS; to allow", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_AccountNotSentButReadAnonymously_SaysSo()
    {
        await using var tokens = await ScriptedRegistry.StartAsync(new Rule("GET /token", "", Reply.Token("""{"token":"open"}""")));
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer open", Reply.Served()),
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer($"http://{tokens.Host}/token"))));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host));

        var check = Assert.IsType<ServedCheck>(await under.CheckAsync(registry, Alice));

        Assert.Equal(
            $"{registry.Host} was read with anonymous; not sent: {Alice.Origin} (the token server {tokens.Host} is on another port of {registry.Host} without HTTPS; "
            + "to allow this host, add it to TokenHosts in ImageUpdater:Registries)",
            check.Note);
    }

    [Theory]
    [InlineData(16 * 1024, null)]
    [InlineData((16 * 1024) + 1, "sent a token of more than 16 KiB")]
    [InlineData(70 * 1024, "sent more than 64 KiB")]
    public async Task Check_LongToken_IsAFailure(int length, string? words)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "", Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("HEAD " + Path, Reply.Served()),
            Rule.For("GET /token", Reply.Token($$"""{"token":"{{new string('t', length)}}"}""")));
        using var under = ClientUnderTest.For(registry);

        var answer = await under.DigestAsync(registry);

        Assert.Contains(words ?? ScriptedRegistry.ManifestDigest, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_WhateverHappens_NoSecretIsShown()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", Reply.Token("""{"token":"s3cret-token"}""")),
            Rule.For("POST /token", new Reply(400) { Body = "s3cret-identity" }));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry, Alice, Robot, Bob);

        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", under.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Base64("alice:s3cret-one"), under.Log, StringComparison.Ordinal);
        Assert.Contains($"HEAD 127.0.0.1{Path} answered 401", under.Log, StringComparison.Ordinal);
        Assert.Equal("pull secret default/alice", $"{Alice}");
    }

    private static string Basic(RegistryCredential credential) => "Basic " + Base64($"{credential.Username}:{credential.Password}");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
