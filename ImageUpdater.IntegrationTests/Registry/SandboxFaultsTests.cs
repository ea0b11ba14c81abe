using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Every fault of the Sandbox's registry, and the result of a check with it.</summary>
public sealed class SandboxFaultsTests
{
    private const string Served = "Served";
    private const string OtherContent = "other content";

    private static readonly RegistryFault ByGet = new() { OmitDigest = true };

    /// <summary>The fault; the served digest or the kind of failure; and the maximum number of requests.</summary>
    public static TheoryData<string, RegistryFault, string, int> Faults => new()
    {
        { "HEAD 403", new() { Method = "HEAD", Status = 403 }, Served, 3 },
        { "HEAD 404", new() { Method = "HEAD", Status = 404 }, Served, 3 },
        { "HEAD 401 without a challenge", new() { Method = "HEAD", Status = 401 }, Served, 3 },
        { "HEAD 405", new() { Method = "HEAD", Status = 405 }, Served, 2 },
        { "no digest", ByGet, Served, 2 },
        { "a digest that is none", new() { Digest = "sha256:short" }, Served, 2 },
        { "401 for ever", new() { Status = 401, Challenges = ["Bearer realm=\"{registry}/token\",service=\"s\""] }, nameof(RegistryFailureKind.Unauthorized), 3 },
        { "429, seconds that can be waited for", new() { Status = 429, RetryAfter = "3", Times = 1 }, Served, 2 },
        { "429, seconds", new() { Status = 429, RetryAfter = "120" }, nameof(RegistryFailureKind.RateLimited), 1 },
        { "429, a date", new() { Status = 429, RetryAfter = "Mon, 23 Nov 2026 10:10:00 GMT" }, nameof(RegistryFailureKind.RateLimited), 1 },
        { "429, rubbish", new() { Status = 429, RetryAfter = "soon" }, nameof(RegistryFailureKind.RateLimited), 1 },
        { "429, nothing", new() { Status = 429 }, nameof(RegistryFailureKind.RateLimited), 1 },
        { "503 twice", new() { Status = 503, Times = 2 }, Served, 3 },
        { "503 for ever", new() { Status = 503 }, nameof(RegistryFailureKind.ServerError), 3 },
        { "404", new() { Status = 404 }, nameof(RegistryFailureKind.NotFound), 3 },
        { "a redirect at home", new() { RedirectTo = "{target}", Times = 1 }, Served, 2 },
        { "redirects for ever", new() { RedirectTo = "{target}" }, nameof(RegistryFailureKind.InvalidAnswer), 6 },
        { "a redirect into the private network", new() { RedirectTo = "https://169.254.169.254{target}" }, nameof(RegistryFailureKind.InvalidAnswer), 1 },
        { "a redirect to another host without HTTPS", new() { RedirectTo = "http://example.com{target}" }, nameof(RegistryFailureKind.InvalidAnswer), 1 },
        { "no answer", new() { CutBefore = true }, nameof(RegistryFailureKind.Unreachable), 3 },
        { "no answer once", new() { CutAfter = true, Times = 1 }, Served, 2 },
        { "a body cut short", ByGet with { CutBody = true }, nameof(RegistryFailureKind.Unreachable), 4 },
        { "50 MB", ByGet with { PadTo = 50 * 1024 * 1024 }, nameof(RegistryFailureKind.TooLarge), 2 },
        { "4 MiB, which may be sent", ByGet with { PadTo = 4 * 1024 * 1024 }, OtherContent, 2 },
        { "not JSON", ByGet with { Body = "<html>" }, nameof(RegistryFailureKind.InvalidAnswer), 2 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Check_Fault_EndsAsItShould(string name, RegistryFault fault, string expected, int requests)
    {
        await using var registry = await SandboxRegistry.StartAsync();
        registry.PushImage("team/app", "latest", "one");
        registry.Faults.Add(fault with { Challenges = [.. fault.Challenges.Select(challenge => challenge.Replace("{registry}", $"http://{registry.Address}", StringComparison.Ordinal))] });

        Assert.Equal((name, expected), (name, await CheckAsync(registry)));
        Assert.InRange(registry.Requests.Count(), 1, requests);
    }

    [Fact]
    public async Task Check_ByteByByte_TimesOut()
    {
        await using var registry = await SandboxRegistry.StartAsync();
        registry.PushImage("team/app", "latest", "one");
        registry.Faults.Add(ByGet with { PausePerByte = TimeSpan.FromMilliseconds(100) });
        using var under = new ClientUnderTest(TimeProvider.System, ClientUnderTest.PlainHttp(registry.Address) with { Timeout = TimeSpan.FromSeconds(1) });

        var check = await under.Client.CheckAsync(ClientUnderTest.Image(registry.Address), [], CancellationToken.None);

        Assert.Equal(RegistryFailureKind.TimedOut, Assert.IsType<FailedCheck>(check).Failure.Kind);
    }

    /// <summary>The first response has this challenge; the second one is the Sandbox's own.</summary>
    [Theory]
    [InlineData("Bearer realm=\"{token}\",service=\"s\"")]
    [InlineData("bearer realm={token},service=s")]
    [InlineData("Bearer realm=\"{token}\",service=\"a, b=\\\"c\\\"\"")]
    [InlineData("Basic realm=\"a, Bearer realm=b\", Bearer realm=\"{token}\"")]
    [InlineData("Negotiate abc==, Bearer realm=\"{token}\"")]
    [InlineData("Basic realm=\"x\"", "Bearer realm=\"{token}\"")]
    public async Task Check_OddChallenge_IsAnswered(params string[] challenges)
    {
        await using var registry = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Bearer, AnonymousPull = true });
        registry.PushImage("team/app", "latest", "one");
        registry.Faults.Add(new RegistryFault
        {
            PathPrefix = "/v2/",
            Times = 1,
            Challenges = [.. challenges.Select(challenge => challenge.Replace("{token}", $"http://{registry.Address}/token", StringComparison.Ordinal))],
        });

        Assert.Equal(Served, await CheckAsync(registry));
        Assert.Equal(3, registry.Requests.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Check_TokensThatAreOfNoUse_EndSoon(bool expired)
    {
        await using var registry = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Bearer, AnonymousPull = true });
        registry.PushImage("team/app", "latest", "one");
        using (registry.Faults.Add(new RegistryFault { TokenExpired = expired, TokenLacksAccess = !expired }))
        {
            Assert.Contains(await CheckAsync(registry), new[] { nameof(RegistryFailureKind.Unauthorized), nameof(RegistryFailureKind.Forbidden) });
            Assert.InRange(registry.Requests.Count(), 1, 5);
        }

        Assert.Equal(Served, await CheckAsync(registry));
    }

    // "Served" only if the digest is the pushed one.
    private static async Task<string> CheckAsync(SandboxRegistry registry)
    {
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Address));
        var check = await under.Client.CheckAsync(ClientUnderTest.Image(registry.Address), [], CancellationToken.None);
        return check switch
        {
            FailedCheck failed => failed.Failure.Kind.ToString(),
            ServedCheck served when served.Digest == Digest.Parse(registry.DigestOf("team/app", "latest")!) => Served,
            _ => OtherContent,
        };
    }
}
