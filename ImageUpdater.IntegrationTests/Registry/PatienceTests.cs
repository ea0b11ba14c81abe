using System.Net;
using System.Net.Sockets;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Retries, backoff after 429, and limits of size and time.</summary>
public sealed class PatienceTests
{
    private const string Path = ScriptedRegistry.Path;

    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Check_PassingFailure_IsRetriedWithGrowingPauses(int status)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(status), new Reply(status), Reply.Served()));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.Equal(2, under.Clock.Pauses.Count);
        Assert.InRange(under.Clock.Pauses[0].TotalMilliseconds, 500, 1000);
        Assert.InRange(under.Clock.Pauses[1].TotalMilliseconds, 1000, 2000);
    }

    [Fact]
    public async Task Check_LastingFailure_EndsAfterThreeAttempts()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(503)));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry, new RegistryCredential("x", "u", "p"));

        Assert.Equal(
            (RegistryFailureKind.ServerError, $"{registry.Host} answered 503 Service Unavailable for team/app:latest"),
            (failure.Kind, failure.Message));
        Assert.Equal(3, registry.Requests.Count);
    }

    [Fact]
    public async Task Check_ClockSetBackDuringABackOff_AsksAgain()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(429, [("Retry-After", "120")]), new Reply(429, [("Retry-After", "120")]), Reply.Served()));
        using var under = ClientUnderTest.For(registry);
        await under.FailureAsync(registry);

        under.Clock.Advance(TimeSpan.FromDays(-300));
        Assert.Null(Assert.Single(under.Client.Registries).BackingOffUntil);
        var until = under.Clock.GetUtcNow().AddSeconds(120);
        Assert.Equal(until, (await under.FailureAsync(registry)).RetryAt);
        Assert.Equal(until, Assert.Single(under.Client.Registries).BackingOffUntil);

        under.Clock.Advance(TimeSpan.FromSeconds(120));
        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));
    }

    public static TheoryData<string?, int> LongPauses => new()
    {
        { "120", 120 },
        { "Mon, 23 Nov 2026 10:10:00 GMT", 600 },
        { "999999", 3600 },
        { "Mon, 23 Nov 2099 10:10:00 GMT", 3600 },
        { "soon", 60 },
        { "-7", 60 },
        { "99999999999999999999", 3600 },
        { null, 60 },
    };

    [Theory]
    [MemberData(nameof(LongPauses))]
    public async Task Check_TooManyRequests_LeavesTheRegistryAloneUntilThen(string? retryAfter, int seconds)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(429, retryAfter is null ? [] : [("Retry-After", retryAfter)]), Reply.Served()),
            Rule.For("HEAD /v2/other/app/manifests/1", Reply.Served()));
        using var under = ClientUnderTest.For(registry);
        var until = under.Clock.GetUtcNow().AddSeconds(seconds);

        var failure = await under.FailureAsync(registry);
        Assert.Equal((RegistryFailureKind.RateLimited, until), (failure.Kind, failure.RetryAt));
        Assert.Equal(
            $"{registry.Host} answered 429 Too Many Requests for team/app:latest; backing off until {until:yyyy-MM-ddTHH:mm:ssZ}",
            failure.Message);
        Assert.Equal(until, Assert.Single(under.Client.Registries).BackingOffUntil);

        // All images of that registry back off, without a request.
        var other = await under.Client.CheckAsync(ClientUnderTest.Image(registry.Host, "other/app:1"), [], CancellationToken.None);
        Assert.Equal(until, Assert.IsType<FailedCheck>(other).Failure.RetryAt);
        Assert.Single(registry.Requests);

        under.Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("0", 1)]
    [InlineData("Mon, 23 Nov 2026 09:00:00 GMT", 1)]
    public async Task Check_TooManyRequestsForSeconds_IsWaitedFor(string retryAfter, int seconds)
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, new Reply(429, ("Retry-After", retryAfter)), Reply.Served()));
        using var under = ClientUnderTest.For(registry);
        var start = under.Clock.GetUtcNow();

        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));

        Assert.True(under.Clock.GetUtcNow() >= start.AddSeconds(seconds));
    }

    [Theory]
    [InlineData("120", true, 1)]
    [InlineData("Mon, 23 Nov 2026 10:10:00 GMT", true, 1)]
    [InlineData("2", true, 3)]
    [InlineData("soon", false, 3)]
    public async Task Check_UnavailableUntilATime_LeavesTheRegistryAloneUntilThen(string retryAfter, bool isBackingOff, int requests)
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(503, ("Retry-After", retryAfter))));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry);

        Assert.Equal(RegistryFailureKind.ServerError, failure.Kind);
        Assert.StartsWith($"{registry.Host} answered 503 Service Unavailable for team/app:latest", failure.Message, StringComparison.Ordinal);
        Assert.Equal((isBackingOff, isBackingOff), (Assert.Single(under.Client.Registries).BackingOffUntil is not null, failure.RetryAt is not null));
        Assert.Equal(requests, registry.Requests.Count);
    }

    [Fact]
    public async Task Check_TooManyRequestsAtTheTokenServer_LeavesTheRegistryAlone()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge(ScriptedRegistry.Bearer())), Rule.For("GET /token", new Reply(429)));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(RegistryFailureKind.RateLimited, (await under.FailureAsync(registry)).Kind);
        Assert.Equal(RegistryFailureKind.RateLimited, (await under.FailureAsync(registry)).Kind);
        Assert.Equal(2, registry.Requests.Count);
    }

    [Fact]
    public async Task Check_BodyCutShort_IsRetriedThenUnreachable()
    {
        var cut = Reply.Content() with
        {
            Then = async context =>
            {
                context.Response.ContentLength = ScriptedRegistry.Manifest.Length;
                await context.Response.WriteAsync(ScriptedRegistry.Manifest[..20]);
                await context.Response.Body.FlushAsync();
                context.Abort();
            },
        };
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(405)), Rule.For("GET " + Path, cut));
        using var under = ClientUnderTest.For(registry);

        Assert.Equal(RegistryFailureKind.Unreachable, (await under.FailureAsync(registry)).Kind);
        Assert.Equal(3, registry.Lines.Count(line => line.StartsWith("GET", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Check_MoreThanTheCap_IsNotReadToItsEnd(bool isAnnounced)
    {
        // With Content-Length the response is rejected before its body is read; without, reading stops at the limit. The body never ends.
        var huge = Reply.Content() with
        {
            Then = async context =>
            {
                var chunk = new byte[64 * 1024];
                if (isAnnounced)
                {
                    context.Response.ContentLength = 50 * 1024 * 1024;
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                }

                while (!context.RequestAborted.IsCancellationRequested)
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            },
        };
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, new Reply(405)), Rule.For("GET " + Path, huge));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry);

        Assert.Equal(
            (RegistryFailureKind.TooLarge, $"{registry.Host} sent more than 4 MiB for team/app:latest"), (failure.Kind, failure.Message));
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("GET")]
    public async Task Check_AnswerThatNeverEnds_TimesOutOnce(string slowMethod)
    {
        // HEAD hangs before the headers, GET after them.
        var slow = Reply.Content() with
        {
            Then = async context =>
            {
                if (slowMethod == "GET")
                    await context.Response.StartAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            },
        };
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, slowMethod == "HEAD" ? slow : new Reply(405)), Rule.For("GET " + Path, slow));
        using var under = new ClientUnderTest(
            TimeProvider.System, ClientUnderTest.PlainHttp(registry.Host) with { Timeout = TimeSpan.FromSeconds(2) });

        var failure = await under.FailureAsync(registry);

        Assert.Equal(
            (RegistryFailureKind.TimedOut, $"{registry.Host} timed out after 2 s for team/app:latest"),
            (failure.Kind, failure.Message));
        Assert.Single(registry.Lines, line => line.StartsWith(slowMethod, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_NobodyListens_IsUnreachableAfterThreeAttempts()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var host = closed.LocalEndpoint.ToString()!;
        closed.Stop();
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(host));

        var check = await under.Client.CheckAsync(ClientUnderTest.Image(host), [], CancellationToken.None);

        var failure = Assert.IsType<FailedCheck>(check).Failure;
        Assert.Equal(RegistryFailureKind.Unreachable, failure.Kind);
        Assert.Equal($"{host} could not be reached for team/app:latest: Connection refused", failure.Message);
        Assert.Equal(2, under.Clock.Pauses.Count);
    }

    [Fact]
    public async Task Check_HttpsToAPlainHttpServer_SaysWhichOptionToSet()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, Reply.Served()));
        using var under = new ClientUnderTest();

        var failure = await under.FailureAsync(registry);

        Assert.Contains("set PlainHttp in ImageUpdater:Registries", failure.Message, StringComparison.Ordinal);
        Assert.Empty(under.Clock.Pauses);
    }

    [Fact]
    public async Task Check_Cancelled_Throws()
    {
        await using var registry = await ScriptedRegistry.StartAsync();
        using var under = ClientUnderTest.For(registry);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => under.Client.CheckAsync(ClientUnderTest.Image(registry.Host), [], new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Check_ManyAtOnce_StaysWithinTheBound()
    {
        int now = 0, most = 0;
        var counted = Reply.Served() with
        {
            Then = async _ =>
            {
                var current = Interlocked.Increment(ref now);
                for (var seen = most; current > seen; seen = most)
                    Interlocked.CompareExchange(ref most, current, seen);
                await Task.Delay(5);
                Interlocked.Decrement(ref now);
            },
        };
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + Path, counted));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(registry.Host) with { MaxConcurrency = 3 });

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => under.CheckAsync(registry)));

        Assert.InRange(most, 1, 3);
        Assert.Equal(20, registry.Requests.Count);
    }

    /// <summary>Each request stays within its own timeout, and each account costs another one.</summary>
    [Fact]
    public async Task Check_ManySlowAnswers_EndsAtTheLimitOfAnImage()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + Path, Reply.Challenge("Basic realm=\"x\"") with { Then = context => Task.Delay(Timeout.Infinite, context.RequestAborted) }));
        using var under = new ClientUnderTest(new LimitEndsClock(TimeSpan.FromSeconds(30)), ClientUnderTest.PlainHttp(registry.Host));

        var failure = await under.FailureAsync(registry, new RegistryCredential("x", "u", "p"));

        Assert.Equal(
            (RegistryFailureKind.TimedOut, $"{registry.Host} took more than 30 s for team/app:latest, with all credentials, mirrors and attempts"), (failure.Kind, failure.Message));
    }

    // A timer of this length ends soon.
    private sealed class LimitEndsClock(TimeSpan limit) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == limit ? TimeSpan.FromMilliseconds(100) : dueTime, period);
    }
}
