using ImageUpdater.Core.Observing;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>The requests of one check, their order, and the events that are reported for them.</summary>
public sealed class WireTests
{
    private const string Path = ScriptedRegistry.Path;

    [Fact]
    public async Task Check_RetryChallengeTokenAndRedirect_ReportsEachRequestOnce()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + Path, "Bearer t1", new Reply(307, ("Location", "/moved"))),
            Rule.For("HEAD " + Path, new Reply(500), Reply.Challenge(ScriptedRegistry.Bearer())),
            Rule.For("GET /token", new Reply(503), Reply.Token("""{"token":"t1"}""")),
            Rule.For("HEAD /moved", Reply.Served()));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Equal(["HEAD", "HEAD", "GET", "GET", "HEAD", "HEAD"], registry.Lines.Select(line => line.Split(' ')[0]));
        Assert.Equal(new[] { 500, 401, 503, 200, 307, 200 }.Select(code => $"{registry.Host} {code}"), under.Ended);
    }

    [Fact]
    public async Task Check_RedirectThatFailsForAMoment_IsAskedFromItsBeginningAgain()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(307, ("Location", "/moved"))),
            Rule.For("HEAD /moved", new Reply(502), Reply.Served()));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Equal(["HEAD " + Path, "HEAD /moved", "HEAD " + Path, "HEAD /moved"], registry.Lines);
    }

    [Fact]
    public async Task Check_BodyCutShort_IsCountedAsAnsweredAndAsUnreachable()
    {
        ClientUnderTest? client = null;
        var cut = Reply.Content() with
        {
            Then = async context =>
            {
                context.Response.ContentLength = ScriptedRegistry.Manifest.Length;
                await context.Response.StartAsync();
                await context.Response.Body.FlushAsync();
                while (client!.Ended.Count < 2)
                    await Task.Delay(10);
                context.Abort();
            },
        };
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(405)), Rule.For("GET " + Path, cut, Reply.Content()));
        using var under = client = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Equal(new[] { "405", "200", "unreachable", "200" }.Select(code => $"{registry.Host} {code}"), under.Ended);
    }

    [Fact]
    public async Task Check_WaitForASlot_DoesNotCountAsTimeOfTheRequest()
    {
        var slow = Reply.Served() with { Then = _ => Task.Delay(700) };
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, slow));
        using var under = new ClientUnderTest(
            TimeProvider.System, ClientUnderTest.PlainHttp(registry.Host) with { MaxConcurrency = 1, Timeout = TimeSpan.FromSeconds(2) });

        var checks = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => under.CheckAsync(registry)));

        Assert.All(checks, check => Assert.IsType<ServedCheck>(check));
    }

    [Fact]
    public async Task Check_TimeOfARequest_IsForItsRedirectsTogether()
    {
        var slow = new Reply(307, ("Location", "/moved")) { Then = _ => Task.Delay(700) };
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, slow), Rule.For("HEAD /moved", slow));
        using var under = new ClientUnderTest(
            TimeProvider.System, ClientUnderTest.PlainHttp(registry.Host) with { Timeout = TimeSpan.FromSeconds(1) });

        Assert.Equal(RegistryFailureKind.TimedOut, (await under.FailureAsync(registry)).Kind);

        Assert.Equal($"{registry.Host} timeout", under.Ended.Last());
        Assert.Single(under.Ended, told => told.EndsWith(" timeout", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_BodyUnderWay_KeepsItsSlot()
    {
        int now = 0, most = 0;
        var counted = Reply.Content() with
        {
            Then = async context =>
            {
                await context.Response.StartAsync();
                await context.Response.Body.FlushAsync();
                var current = Interlocked.Increment(ref now);
                for (var seen = most; current > seen; seen = most)
                    Interlocked.CompareExchange(ref most, current, seen);
                await Task.Delay(20);
                Interlocked.Decrement(ref now);
                await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(ScriptedRegistry.Manifest));
            },
        };
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(405)), Rule.For("GET " + Path, counted));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host) with { MaxConcurrency = 2 });

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => under.CheckAsync(registry)));

        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Dispose_TokenUnderWay_EndsItAndWhoeverWaitsForIt()
    {
        var asked = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        var never = Reply.Token("") with
        {
            Then = async context =>
            {
                context.RequestAborted.Register(gone.SetResult);
                asked.SetResult();
                await gone.Task;
            },
        };
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())), Rule.For("GET /token", never));
        var under = ClientUnderTest.For(registry);
        var check = under.CheckAsync(registry);
        await asked.Task;

        under.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
