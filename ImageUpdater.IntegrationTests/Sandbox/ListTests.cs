using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

public sealed class ListTests : IAsyncLifetime
{
    private const string Path = "/apis/apps/v1/deployments";

    private SandboxCluster cluster = null!;
    private SandboxHttp http = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync();
        http = new SandboxHttp(cluster.ApiUrl);
        for (var i = 1; i <= 5; i++)
        {
            JsonObject web = Manifests.Deployment($"p{i}", ("app", "example.org/app:1")).Replicas(0);
            web["metadata"]!["labels"] = new JsonObject { ["app"] = $"p{i}", ["odd"] = i % 2 == 1 ? "yes" : "no" };
            cluster.Apply(web);
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task List_WithALimit_IsWholeAllTheSame()
    {
        Answer answer = await http.GetAsync($"{Path}?limit=2");

        Assert.Equal("p1 p2 p3 p4 p5", Names(answer));
        Assert.Null(answer.Json["metadata"]!["continue"]);
    }

    [Fact]
    public async Task List_Items_CarryNoKind()
    {
        Answer answer = await http.GetAsync(Path);

        Assert.Equal("DeploymentList", (string?)answer.Json["kind"]);
        Assert.Null(answer.Json["items"]![0]!["kind"]);
        Assert.Null(answer.Json["items"]![0]!["apiVersion"]);
    }

    // The response of a real Kubernetes 1.36.
    [Fact]
    public async Task List_OfMetadataAlone_HasNoMore()
    {
        Answer answer = await http.SendAsync(HttpMethod.Get, Path, accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");

        Assert.Equal(("PartialObjectMetadataList", "meta.k8s.io/v1"), ((string?)answer.Json["kind"], (string?)answer.Json["apiVersion"]));
        Assert.Equal("p1 p2 p3 p4 p5", Names(answer));
        JsonObject item = answer.Json["items"]![0]!.AsObject();
        Assert.Equal(["kind", "apiVersion", "metadata"], item.Select(field => field.Key));
        Assert.Equal("PartialObjectMetadata", (string?)item["kind"]);
        Assert.Equal("p1", (string?)item["metadata"]!["labels"]!["app"]);
    }

    [Theory]
    [InlineData("labelSelector=odd%3Dyes", "p1 p3 p5")]
    [InlineData("labelSelector=odd%3D%3Dyes,app!%3Dp1", "p3 p5")]
    [InlineData("labelSelector=app%20in%20(p1,p2),odd", "p1 p2")]
    [InlineData("labelSelector=app%20notin%20(p1,p2)", "p3 p4 p5")]
    [InlineData("labelSelector=!odd", "")]
    [InlineData("fieldSelector=metadata.name%3Dp2", "p2")]
    public async Task List_BySelector_GivesWhatMatches(string query, string names)
    {
        Assert.Equal(names, Names(await http.GetAsync($"{Path}?{query}")));
    }

    [Theory]
    [InlineData("labelSelector=a%20b%20c")]
    [InlineData("fieldSelector=spec.replicas%3D1")]
    public async Task List_WithRubbish_Is400(string query) => Assert.Equal(400, (await http.GetAsync($"{Path}?{query}")).Status);

    private static string Names(Answer answer) => string.Join(' ', answer.Json["items"]!.AsArray().Select(item => (string?)item!["metadata"]!["name"]));
}
