using System.Net;
using System.Net.Sockets;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class KubernetesFailureTests
{
    private const string Workload =
        """{"metadata":{"name":"web","namespace":"a","uid":"u","resourceVersion":"7"},"spec":{"template":{"spec":{"containers":[]}}}}""";

    private static readonly WorkloadKey Web = new("a", WorkloadKind.Deployment, "web");
    private readonly ScriptedTime time = new();

    [Theory]
    [InlineData(400, KubernetesFailureKind.Invalid, false)]
    [InlineData(401, KubernetesFailureKind.Unauthorized, false)]
    [InlineData(403, KubernetesFailureKind.Forbidden, false)]
    [InlineData(404, KubernetesFailureKind.NotFound, false)]
    [InlineData(409, KubernetesFailureKind.Conflict, false)]
    [InlineData(410, KubernetesFailureKind.Gone, false)]
    [InlineData(422, KubernetesFailureKind.Invalid, false)]
    [InlineData(429, KubernetesFailureKind.RateLimited, false)]
    [InlineData(500, KubernetesFailureKind.ServerError, true)]
    [InlineData(504, KubernetesFailureKind.ServerError, true)]
    public async Task Patch_StatusAnswer_BecomesAKindWithItsMessage(int code, object kind, bool mayHaveArrived)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Status(code, "Reason", "deployments.apps \"web\" \u202e says no"));
        using var client = Connections.Client(api, time);

        var failure = (await client.PatchWorkloadAsync(Web, "{}", CancellationToken.None)).Failure;

        Assert.Equal(new KubernetesFailure((KubernetesFailureKind)kind, "deployments.apps \"web\"   says no", mayHaveArrived), failure);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Get_LongMessage_IsBounded()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Status(403, "Forbidden", new string('x', 100_000)));
        using var client = Connections.Client(api, time);

        var failure = (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!;

        Assert.Equal((KubernetesFailureKind.Forbidden, true), (failure.Kind, failure.Message.Length < 310));
    }

    [Fact]
    public async Task Get_AProxysPage_SaysTheCode()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json("<html>Bad gateway</html>", 502));
        using var client = Connections.Client(api, time);

        var failure = (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!;

        Assert.Equal(new KubernetesFailure(KubernetesFailureKind.ServerError, "the Kubernetes API answered 502 Bad Gateway"), failure);
    }

    [Theory]
    [InlineData("<html>Sign in</html>")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"metadata":{"name":5}}""")]
    public async Task Get_AnswerOfAnotherShape_IsInvalid(string body)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(body));
        using var client = Connections.Client(api, time);

        Assert.Equal(KubernetesFailureKind.InvalidAnswer, (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!.Kind);

        var patch = (await client.PatchWorkloadAsync(Web, "{}", CancellationToken.None)).Failure!;
        Assert.Equal((KubernetesFailureKind.InvalidAnswer, true), (patch.Kind, patch.MayHaveArrived));
    }

    [Fact]
    public async Task Get_Redirect_IsNotFollowed()
    {
        await using var api = await ScriptedApi.StartAsync(context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using var client = Connections.Client(api, time);

        Assert.Equal(KubernetesFailureKind.InvalidAnswer, (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!.Kind);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Get_NobodyListens_IsUnreachableAfterThreeAttempts()
    {
        var port = FreePort();
        using var client = Connections.Client(Connections.Load(Connections.Yaml(new Uri($"http://127.0.0.1:{port}"))), time);

        var failure = (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!;

        Assert.Equal((KubernetesFailureKind.Unreachable, false), (failure.Kind, failure.MayHaveArrived));
        Assert.StartsWith($"the Kubernetes API at 127.0.0.1:{port} could not be reached: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal([TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1)], time.Pauses);
    }

    [Fact]
    public async Task Patch_NobodyListens_DidNotArriveAndIsNotRepeated()
    {
        using var client = Connections.Client(Connections.Load(Connections.Yaml(new Uri($"http://127.0.0.1:{FreePort()}"))), time);

        var failure = (await client.PatchWorkloadAsync(Web, "{}", CancellationToken.None)).Failure!;

        Assert.Equal((KubernetesFailureKind.Unreachable, false), (failure.Kind, failure.MayHaveArrived));
        Assert.Empty(time.Pauses);
    }

    [Fact]
    public async Task Get_ConnectionEndsTwice_SucceedsThen()
    {
        await using var api = await ScriptedApi.StartAsync(
            ScriptedApi.InOrder(ScriptedApi.HangUp, ScriptedApi.HangUp, ScriptedApi.Json(Workload)));
        using var client = Connections.Client(api, time);

        Assert.Equal("7", Connections.Require(await client.GetWorkloadAsync(Web, CancellationToken.None)).ResourceVersion);
    }

    [Fact]
    public async Task Patch_ConnectionEnds_MayHaveArrivedAndIsNotRepeated()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.HangUp);
        using var client = Connections.Client(api, time);

        var failure = (await client.PatchWorkloadAsync(Web, "{}", CancellationToken.None)).Failure!;

        Assert.Equal((KubernetesFailureKind.Unreachable, true), (failure.Kind, failure.MayHaveArrived));
        Assert.Single(api.Requests);
    }

    /// <summary>.NET throws an InvalidDataException, which is no IOException.</summary>
    [Theory]
    [InlineData(200, true)]
    [InlineData(409, false)]
    public async Task Patch_DamagedCompression_IsAFailure(int code, bool mayHaveArrived)
    {
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            context.Response.StatusCode = code;
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.Body.WriteAsync("this is not gzip"u8.ToArray());
        });
        using var client = Connections.Client(api, time);

        var failure = (await client.PatchWorkloadAsync(Web, "{}", CancellationToken.None)).Failure!;

        Assert.Equal((mayHaveArrived ? KubernetesFailureKind.Unreachable : KubernetesFailureKind.Conflict, mayHaveArrived), (failure.Kind, failure.MayHaveArrived));
        Assert.Single(api.Requests);
    }

    [Theory]
    [InlineData(429, "2", 2)]
    [InlineData(503, "3600", 10)]
    [InlineData(500, "Sun, 22 Nov 2026 10:00:07 GMT", 7)]
    [InlineData(429, "Sun, 22 Nov 2026 09:00:00 GMT", 0)]
    public async Task Patch_RetryAfter_IsObeyedWithinBounds(int code, string retryAfter, int seconds)
    {
        await using var api = await ScriptedApi.StartAsync(
            ScriptedApi.InOrder(ScriptedApi.Status(code, "TooBusy", "busy", retryAfter), ScriptedApi.Json(Workload)));
        using var client = Connections.Client(api, time);

        Connections.Require(await client.PatchWorkloadAsync(Web, """{"a":1}""", CancellationToken.None));

        Assert.Equal(seconds == 0 ? [] : [TimeSpan.FromSeconds(seconds)], time.Pauses);
        Assert.Equal(["""{"a":1}""", """{"a":1}"""], api.Requests.Select(request => request.Body));
    }

    [Fact]
    public async Task Get_RetryAfterForEver_GivesUpAfterThreeMore()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Status(429, "TooManyRequests", "busy", "1"));
        using var client = Connections.Client(api, time);

        Assert.Equal(KubernetesFailureKind.RateLimited, (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!.Kind);
        Assert.Equal(4, api.Requests.Count);
    }

    [Fact]
    public async Task Patch_ConflictAfterAServerError_MayBeOurOwnPatch()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(
            ScriptedApi.Status(500, "InternalError", "etcdserver: request timed out", "1"),
            ScriptedApi.Status(409, "Conflict", "the object has been modified")));
        using var client = Connections.Client(api, time);

        var failure = (await client.PatchWorkloadAsync(Web, "{}", CancellationToken.None)).Failure!;

        Assert.Equal((KubernetesFailureKind.Conflict, true), (failure.Kind, failure.MayHaveArrived));
    }

    [Fact]
    public async Task Patch_NoAnswerInTime_MayHaveArrived()
    {
        var arrived = new TaskCompletionSource();
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = Connections.Client(api, time);

        var patch = client.PatchWorkloadAsync(Web, "{}", CancellationToken.None);
        await arrived.Task;
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(
            new KubernetesFailure(KubernetesFailureKind.TimedOut, "the Kubernetes API timed out after 30 s", MayHaveArrived: true),
            (await patch).Failure);
    }

    [Fact]
    public async Task Get_CallerCancels_Throws()
    {
        using var stop = new CancellationTokenSource();
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = Connections.Client(api, time);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetWorkloadAsync(Web, stop.Token));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
