using System.Collections.Concurrent;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Web;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Nodes;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Observing;

/// <summary>Like InformerTests, with nodes instead of workloads.</summary>
public sealed class NodeInformerTests : IAsyncLifetime
{
    private readonly ScriptedTime time = new();
    private readonly ScriptedWatch script = new();
    private readonly ConcurrentQueue<string> news = [];
    private readonly LogLines<Informers> log = new();
    private RequestDelegate watch = null!;
    private ScriptedApi api = null!;
    private ClusterClient client = null!;
    private Informer<NodeSnapshot> informer = null!;

    public async ValueTask InitializeAsync()
    {
        watch = script.AnswerAsync;
        api = await ScriptedApi.StartAsync(context => context.Request.Query.ContainsKey("watch")
            ? watch(context)
            : ScriptedApi.Json($$"""{"metadata":{"resourceVersion":"100"},"items":[{{Node("one", "amd64")}}]}""")(context));
        client = Connections.Client(api, time);
        informer = new Informer<NodeSnapshot>(Watched.Nodes(client), () => news.Enqueue("news"), time, log);
    }

    public async ValueTask DisposeAsync()
    {
        script.End();
        await informer.DisposeAsync();
        client.Dispose();
        await api.DisposeAsync();
    }

    [Fact]
    public async Task Changed_IsRaisedOnlyForTheFirstAndTheLastNodeOfAPlatform()
    {
        await ReadAndWatchAsync();
        await SendAsync("ADDED", Node("two", "amd64"));
        await SendAsync("MODIFIED", Node("two", "amd64", "\"annotations\":{\"a\":\"b\"},"));
        await SendAsync("ADDED", """{"metadata":{"uid":"u-none","resourceVersion":"105"}}""");
        Assert.Empty(news);

        await SendAsync("ADDED", Node("arm", "arm64"));
        Assert.Single(news);
        await SendAsync("ADDED", Node("arm2", "arm64"));
        await SendAsync("DELETED", Node("arm", "arm64"));
        Assert.Single(news);
        await SendAsync("DELETED", Node("arm2", "arm64"));
        Assert.Equal(2, news.Count);

        // Labels that are added later, as when a kubelet registers after its node was created.
        await SendAsync("MODIFIED", """{"metadata":{"uid":"u-none","resourceVersion":"110","labels":{"kubernetes.io/os":"linux","kubernetes.io/arch":"s390x"}}}""");
        Assert.Equal(3, news.Count);
        Assert.Equal(1, Lists);
        Assert.Equal("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json", api.Requests.Last().Headers.Accept);
    }

    [Fact]
    public async Task Read_WithoutTheRightToWatch_ListsEachTimeAndSaysSoOnce()
    {
        watch = ScriptedApi.Status(403, "Forbidden", "nodes is forbidden: cannot watch resource");
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(["amd64"], await ArchitecturesAsync());
            Assert.Equal(i, Lists);
            await Eventually.HoldsAsync("the watch was refused", () => Task.FromResult(api.Requests.Count == 2 * i));
        }

        Assert.Equal(["Warning 131"], log.Written);
    }

    [Fact]
    public async Task Read_AfterTheVersionExpired_ListsAgainAndFollows()
    {
        await ReadAndWatchAsync();
        script.Send("ERROR", """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}""");
        await Eventually.HoldsAsync("the watch is over", () => Task.FromResult(!informer.IsLive));

        await ReadAndWatchAsync();
        await SendAsync("ADDED", Node("arm", "arm64"));
        Assert.Equal(["amd64", "arm64"], await ArchitecturesAsync());
        Assert.Equal(2, Lists);
        Assert.Equal(["Debug 130"], log.Written);
    }

    private int Lists => api.Requests.Count(request => !request.Query.Contains("watch=true", StringComparison.Ordinal));

    private async Task ReadAndWatchAsync()
    {
        Assert.Equal(["amd64"], await ArchitecturesAsync());
        await Eventually.HoldsAsync("the watch is open", () => Task.FromResult(informer.IsLive));
    }

    private async Task SendAsync(string type, string node)
    {
        var version = Guid.NewGuid().ToString();
        script.Send(type, node);
        script.Send("BOOKMARK", $$$"""{"kind":"PartialObjectMetadata","metadata":{"resourceVersion":"{{{version}}}","creationTimestamp":null}}""");
        await Eventually.HoldsAsync("it was taken", async () => Connections.Require(await informer.ReadAsync(CancellationToken.None)).Version == version);
    }

    private async Task<IEnumerable<string>> ArchitecturesAsync() =>
        Connections.Require(await informer.ReadAsync(CancellationToken.None)).Items.Select(node => node.Platform!.Architecture);

    private static string Node(string name, string architecture, string more = "") =>
        $$$"""{"metadata":{"name":"{{{name}}}","uid":"u-{{{name}}}",{{{more}}}"resourceVersion":"5","labels":{"kubernetes.io/arch":"{{{architecture}}}","kubernetes.io/os":"linux"} } }""";
}
