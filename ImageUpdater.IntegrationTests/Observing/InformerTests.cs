using System.Collections.Concurrent;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Kubernetes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Observing;

/// <summary>An informer with a list, and a watch with events from the test.</summary>
public sealed class InformerTests : IAsyncLifetime
{
    private readonly ScriptedTime time = new();
    private readonly ScriptedWatch script = new();
    // Written by the watch's task, read by the test's.
    private readonly ConcurrentQueue<string> news = [];
    private RequestDelegate watch = null!;
    private ScriptedApi api = null!;
    private ClusterClient client = null!;
    private Informer<WorkloadSnapshot> informer = null!;

    public async ValueTask InitializeAsync()
    {
        watch = script.AnswerAsync;
        api = await ScriptedApi.StartAsync(context => context.Request.Query.ContainsKey("watch")
            ? watch(context)
            : ScriptedApi.Json($$"""{"metadata":{"resourceVersion":"100"},"items":[{{WorkloadListTests.Item("one", "true")}},{{WorkloadListTests.Item("off", "false")}}]}""")(context));
        client = Connections.Client(api, time);
        informer = new Informer<WorkloadSnapshot>(Watched.Workloads(client, WorkloadKind.Deployment, "a"), () => news.Enqueue("news"), time, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        script.End();
        await informer.DisposeAsync();
        client.Dispose();
        await api.DisposeAsync();
    }

    [Fact]
    public async Task Read_AfterTheFirst_ReturnsTheWatchedStateWithoutListing()
    {
        await ReadAndWatchAsync();
        Send("ADDED", WorkloadListTests.Item("two", "true"));
        Send("ADDED", WorkloadListTests.Item("three", "true"));
        Send("ADDED", WorkloadListTests.Item("other", "false"));
        await ReadsAsync("one", "three", "two");

        Send("MODIFIED", WorkloadListTests.Item("one", "false"));
        Send("DELETED", WorkloadListTests.Item("three", "true"));
        Send("DELETED", WorkloadListTests.Item("other", "false"));
        Send("MODIFIED", WorkloadListTests.Item("off", "true"));
        await ReadsAsync("off", "two");

        Assert.Equal(1, Lists);
        var query = Assert.Single(api.Requests, request => request.Query.Contains("watch=true", StringComparison.Ordinal)).Query;
        Assert.Matches("^\\?watch=true&allowWatchBookmarks=true&resourceVersion=100&timeoutSeconds=([3-5][0-9]{2}|600)$", query);
    }

    [Fact]
    public async Task Read_WatchedWorkloadsThatAreNotEnabled_AreCounted()
    {
        await ReadAndWatchAsync();
        Assert.Equal((1, ""), await PassedOverAsync());

        Send("ADDED", WorkloadListTests.Item("two", "True"));
        Send("ADDED", WorkloadListTests.Item("three", enabled: null));
        Send("MODIFIED", WorkloadListTests.Item("off", "yes"));
        Send("MODIFIED", WorkloadListTests.Item("one", "false"));
        await BookmarkAsync("161");
        Assert.Equal((4, "off two"), await PassedOverAsync());

        Send("MODIFIED", WorkloadListTests.Item("two", "true"));
        Send("MODIFIED", WorkloadListTests.Item("one", "true"));
        Send("MODIFIED", WorkloadListTests.Item("three", enabled: null));
        Send("DELETED", WorkloadListTests.Item("off", "yes"));
        await BookmarkAsync("162");
        Assert.Equal((1, ""), await PassedOverAsync());

        Send("DELETED", WorkloadListTests.Item("two", "true"));
        Send("DELETED", WorkloadListTests.Item("three", enabled: null));
        await BookmarkAsync("163");
        Assert.Equal((0, ""), await PassedOverAsync());
        Assert.Equal(1, Lists);
    }

    /// <summary>An edit of a Deployment's annotations raises its generation: <c>kubectl annotate</c> to approve a digest must not look like a rollout.</summary>
    [Fact]
    public async Task Read_AnEditOfTheMetadata_IsNoRollout()
    {
        await ReadAndWatchAsync();
        Send("MODIFIED", At(generation: 2, observed: 2, "nginx"));
        Send("MODIFIED", At(generation: 3, observed: 2, "nginx"));
        await BookmarkAsync("171");
        Assert.False(RolloutStatusRules.IsRolling(await OneAsync()));

        Send("MODIFIED", At(generation: 4, observed: 3, "nginx:2"));
        await BookmarkAsync("172");
        Assert.True(RolloutStatusRules.IsRolling(await OneAsync()));

        static string At(int generation, int observed, string image) => WorkloadListTests.Item("one", "true", $"\"generation\":{generation},")
            .Replace("\"spec\":{\"template\"", $"\"status\":{{\"observedGeneration\":{observed},\"replicas\":1,\"updatedReplicas\":1}},\"spec\":{{\"template\"", StringComparison.Ordinal).Replace("nginx", image, StringComparison.Ordinal);

        async Task<WorkloadSnapshot> OneAsync() => Assert.Single(Connections.Require(await informer.ReadAsync(CancellationToken.None)).Items);
    }

    [Fact]
    public async Task Changed_IsRaisedOnlyForWhatDecisionsDependOn()
    {
        await ReadAndWatchAsync();
        Send("MODIFIED", WorkloadListTests.Item("one", "true").Replace("\"spec\":{\"template\"", "\"status\":{\"readyReplicas\":1},\"spec\":{\"template\"", StringComparison.Ordinal));
        Send("MODIFIED", WorkloadListTests.Item("off", "false"));
        await BookmarkAsync("120");
        Assert.Empty(news);

        Send("MODIFIED", WorkloadListTests.Item("one", "true").Replace("nginx", "nginx:2", StringComparison.Ordinal));
        await BookmarkAsync("121");
        Assert.Single(news);
        Send("MODIFIED", WorkloadListTests.Item("one", "true", "\"deletionTimestamp\":\"2026-01-01T00:00:00Z\",").Replace("nginx", "nginx:2", StringComparison.Ordinal));
        await BookmarkAsync("122");
        Assert.Equal(2, news.Count);
        Send("DELETED", WorkloadListTests.Item("one", "true"));
        await BookmarkAsync("123");
        Assert.Equal(3, news.Count);
    }

    [Theory]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 1 (2)","reason":"Expired","code":410}}""")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"etcd is away","code":500}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"x"}}}""")]
    [InlineData("""{"type":"BOOKMARK","object":{"metadata":{}}}""")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""[1, 2]""")]
    [InlineData("""null""")]
    [InlineData("""<html>sign in</html>""")]
    public async Task Read_AfterALineThatEndsTheWatch_ListsAgain(string line)
    {
        await ReadAndWatchAsync();
        script.Write(line);
        await ListsAgainAsync();
    }

    [Fact]
    public async Task Read_AfterTheConnectionWasCut_ListsAgain()
    {
        await ReadAndWatchAsync();
        script.Cut();
        await ListsAgainAsync();
    }

    [Fact]
    public async Task Read_WithoutTheRightToWatch_ListsEachTime()
    {
        watch = ScriptedApi.Status(403, "Forbidden", "cannot watch resource");
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(["one"], await NamesAsync());
            Assert.Equal(i, Lists);
        }
    }

    [Fact]
    public async Task Read_AfterALongSilence_ListsAgain()
    {
        await ReadAndWatchAsync();
        time.Advance(TimeSpan.FromMinutes(3));
        await BookmarkAsync("130");
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(["one"], await NamesAsync());
        Assert.Equal(1, Lists);
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(["one"], await NamesAsync());
        Assert.Equal(2, Lists);
    }

    [Fact]
    public async Task Read_AfterTheWatchEndedInGoodOrder_GoesOnFromWhereItWas()
    {
        await ReadAndWatchAsync();
        await BookmarkAsync("140");
        time.Advance(TimeSpan.FromSeconds(2));
        var before = script.Opened;
        script.End();
        await Eventually.HoldsAsync("it watches again", () => Task.FromResult(script.Opened > before));
        await IsLiveAsync();
        Send("ADDED", WorkloadListTests.Item("two", "true"));
        await ReadsAsync("one", "two");

        Assert.Equal(1, Lists);
        Assert.Contains("resourceVersion=140", api.Requests.Last().Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WatchesThatEndAtOnce_AreNotOpenedAgainAndAgain()
    {
        await ReadAndWatchAsync();
        script.End();
        await ListsAgainAsync();
        Assert.Equal(2, script.Opened);
    }

    private int Lists => api.Requests.Count(request => !request.Query.Contains("watch=true", StringComparison.Ordinal));

    private async Task ReadAndWatchAsync()
    {
        Assert.Equal(["one"], await NamesAsync());
        await IsLiveAsync();
    }

    // Waits for the watch: a read before that would list once more.
    private Task IsLiveAsync() => Eventually.HoldsAsync("the watch is open", () => Task.FromResult(informer.IsLive));

    // Waits until the informer has processed the bookmark, and so all events before it.
    private async Task BookmarkAsync(string version)
    {
        Send("BOOKMARK", """{"metadata":{"resourceVersion":"VERSION"},"spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":null} } },"status":{} }""".Replace("VERSION", version, StringComparison.Ordinal));
        await Eventually.HoldsAsync($"the watch has come to {version}", async () => Connections.Require(await informer.ReadAsync(CancellationToken.None)).Version == version);
    }

    private void Send(string type, string item) => script.Send(type, item);

    private async Task<string[]> NamesAsync() =>
        [.. Connections.Require(await informer.ReadAsync(CancellationToken.None)).Items.Select(workload => workload.Key.Name).Order(StringComparer.Ordinal)];

    private async Task<(int Count, string Mistaken)> PassedOverAsync()
    {
        var passed = Connections.Require(await informer.ReadAsync(CancellationToken.None)).PassedOver;
        return (passed.Count, string.Join(' ', passed.Mistakes.Values.Select(mistake => mistake.Workload.Name).Order(StringComparer.Ordinal)));
    }

    private Task ReadsAsync(params string[] names) =>
        Eventually.HoldsAsync($"{string.Join(", ", names)} are read", async () => string.Join(", ", await NamesAsync()) == string.Join(", ", names), () => string.Join('\n', api.Requests));

    private async Task ListsAgainAsync()
    {
        await Eventually.HoldsAsync("it lists again", async () =>
        {
            Assert.Equal(["one"], await NamesAsync());
            return Lists > 1;
        });
        // The watch continues from there.
        await IsLiveAsync();
        await BookmarkAsync("150");
        Assert.Equal(2, Lists);
    }
}
