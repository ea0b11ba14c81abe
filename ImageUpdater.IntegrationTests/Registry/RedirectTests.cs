using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class RedirectTests
{
    private const string Path = ScriptedRegistry.Path;

    private static readonly RegistryCredential Alice = new("pull secret default/alice", "alice", "s3cret-one");

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Check_RedirectAtHome_KeepsMethodAndCredentials(int status)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "", Reply.Challenge("Basic realm=x")),
            Rule.For("HEAD " + Path, new Reply(status, ("Location", "../../../../moved/here?x=1"))),
            Rule.For("HEAD /moved/here", Reply.Served()));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));
        Assert.Equal(Alice.AsBasic().ToString(), registry.Requests[^1].Authorization);
    }

    [Fact]
    public async Task Check_RedirectToAnotherOrigin_KeepsCredentialsHome()
    {
        await using var other = await ScriptedRegistry.StartAsync(Rule.For("HEAD /elsewhere", Reply.Served()));
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "", Reply.Challenge("Basic realm=x")),
            Rule.For("HEAD " + Path, new Reply(307, ("Location", $"http://user:pass@{other.Host}/elsewhere"))));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry, Alice));
        Assert.Equal("", Assert.Single(other.Requests).Authorization);
    }

    [Fact]
    public async Task Check_ChallengeFromAnotherOrigin_GetsNoCredentials()
    {
        await using var other = await ScriptedRegistry.StartAsync(Rule.For("HEAD /elsewhere", Reply.Challenge("Basic realm=x")));
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(307, ("Location", $"http://{other.Host}/elsewhere"))));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(RegistryFailureKind.Unauthorized, (await under.FailureAsync(registry, Alice)).Kind);
        Assert.All(registry.Requests.Concat(other.Requests), asked => Assert.Equal("", asked.Authorization));
    }

    [Theory]
    [InlineData("http://registry.example.com/x", "redirected for team/app:latest to registry.example.com without HTTPS; the redirect is not followed")]
    [InlineData("https://192.168.1.1/x", "redirected for team/app:latest to 192.168.1.1, a private address that is not the registry's; the redirect is not followed")]
    [InlineData("file:///etc/passwd", "redirected for team/app:latest to  without HTTPS; the redirect is not followed")]
    [InlineData("http://[", "sent a redirect without a valid target for team/app:latest")]
    [InlineData("{self}" + Path, "redirected more than 5 times for team/app:latest")]
    public async Task Check_RedirectThatIsNotAllowed_IsAFailure(string location, string words)
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(307, ("Location", location))));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry);

        Assert.Equal(RegistryFailureKind.InvalidAnswer, failure.Kind);
        Assert.Equal($"{registry.Host} {words}", failure.Message);
    }

    [Fact]
    public async Task Check_RedirectToAPlaceThatIsNotThere_SaysWhichItIs()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(307, ("Location", "http://127.0.0.1:1/x"))));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(
            $"{registry.Host} redirected for team/app:latest to 127.0.0.1:1, which could not be reached: Connection refused",
            (await under.FailureAsync(registry)).Message);
    }

    [Fact]
    public async Task Check_TokenRequestRedirectedIntoThePrivateNetwork_IsRefused()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", new Reply(302, ("Location", "https://169.254.169.254/token"))));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry, Alice);

        Assert.Contains("redirected for team/app:latest to 169.254.169.254, a private address", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_PostOfAnIdentityTokenRedirected_IsNotFollowed()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("POST /token", new Reply(307, ("Location", "/stolen"))),
            Rule.For("GET /token", new Reply(401)));
        using var under = ClientUnderTest.For(registry);

        await under.FailureAsync(registry, new RegistryCredential("x", "", "", "s3cret-identity"));

        Assert.Contains("POST /token", registry.Lines);
        Assert.DoesNotContain(registry.Lines, line => line.Contains("/stolen", StringComparison.Ordinal));
    }
}
