using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

public sealed class WatchTests : IAsyncLifetime
{
    private const string Path = "/apis/apps/v1/deployments?watch=true";

    private SandboxCluster cluster = null!;
    private SandboxHttp http = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMinutes(1) });
        http = new SandboxHttp(cluster.ApiUrl);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Watch_FromAList_SeesEveryChangeSince()
    {
        cluster.Apply(Manifests.Deployment("before", ("app", "a")));
        string? version = (string?)(await http.GetAsync("/apis/apps/v1/deployments")).Json["metadata"]!["resourceVersion"];
        cluster.Apply(Manifests.Deployment("web", ("app", "a")));
        using StreamReader stream = await http.StreamAsync($"{Path}&resourceVersion={version}");
        cluster.Patch("deployment", "default", "web", """{"metadata":{"labels":{"a":"b"}}}""");
        cluster.Delete("deployment", "default", "web");

        Assert.Equal("ADDED web", await NextAsync(stream));
        Assert.Equal("MODIFIED web", await NextAsync(stream));
        Assert.Equal("DELETED web", await NextAsync(stream));
    }

    /// <summary>As kubectl asks since 1.35: without that bookmark, it waits until its timeout.</summary>
    [Fact]
    public async Task Watch_WithInitialEvents_EndsThemWithABookmark()
    {
        cluster.Apply(Manifests.Deployment("web", ("app", "a")));
        using StreamReader stream = await http.StreamAsync($"{Path}&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan");

        Assert.Equal("ADDED web", await NextAsync(stream));
        var bookmark = JsonNode.Parse((await stream.ReadLineAsync())!)!;
        Assert.Equal("BOOKMARK", (string?)bookmark["type"]);
        Assert.Equal("true", (string?)bookmark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
    }

    [Fact]
    public async Task Watch_WithASelector_SeesObjectsComeIntoViewAndLeave()
    {
        cluster.Apply(Manifests.Deployment("web", ("app", "a")));
        string? version = (string?)(await http.GetAsync("/apis/apps/v1/deployments")).Json["metadata"]!["resourceVersion"];
        using StreamReader stream = await http.StreamAsync($"{Path}&resourceVersion={version}&labelSelector=a%3Db");
        cluster.Patch("deployment", "default", "web", """{"metadata":{"labels":{"a":"b"}}}""");
        cluster.Patch("deployment", "default", "web", """{"metadata":{"labels":{"a":"c"}}}""");

        Assert.Equal("ADDED web", await NextAsync(stream));
        Assert.Equal("DELETED web", await NextAsync(stream));
    }

    [Fact]
    public async Task Watch_WithATimeout_EndsInGoodOrder()
    {
        cluster.Apply(Manifests.Deployment("web", ("app", "a")));
        using StreamReader stream = await http.StreamAsync($"{Path}&fieldSelector=metadata.name%3Dweb&timeoutSeconds=1");

        Assert.Equal("ADDED web", await NextAsync(stream));
        Assert.Null(await stream.ReadLineAsync());
    }

    [Fact]
    public async Task Watch_FromBeforeTheHistory_SendsA410()
    {
        cluster.Apply(Manifests.Deployment("web", ("app", "a")));
        for (var i = 0; i < 10_001; i++) cluster.Patch("deployment", "default", "web", $$"""{"metadata":{"labels":{"a":"{{i}}"} } }""");
        using StreamReader stream = await http.StreamAsync($"{Path}&resourceVersion=1");
        JsonNode line = JsonNode.Parse((await stream.ReadLineAsync())!)!;

        Assert.Equal("ERROR", (string?)line["type"]);
        Assert.Equal(410, (int)line["object"]!["code"]!);
        Assert.Null(await stream.ReadLineAsync());
    }

    private static async Task<string> NextAsync(StreamReader stream)
    {
        JsonNode line = JsonNode.Parse((await stream.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)))!)!;
        return $"{line["type"]} {line["object"]!["metadata"]!["name"]}";
    }
}
