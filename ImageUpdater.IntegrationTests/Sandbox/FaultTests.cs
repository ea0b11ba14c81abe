using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

public sealed class FaultTests : IAsyncLifetime
{
    private const string Label = """{"metadata":{"labels":{"a":"b"}}}""";

    private SandboxCluster cluster = null!;
    private SandboxHttp http = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync();
        http = new SandboxHttp(cluster.ApiUrl);
        cluster.Apply(Manifests.Deployment("web", ("app", "a")).Replicas(0));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task CutAfter_OnAPatch_TakesEffectWithoutAnAnswer()
    {
        cluster.Faults.Add(new ClusterFault { Method = "PATCH", Times = 1, CutAfter = true });

        await Assert.ThrowsAsync<HttpRequestException>(PatchAsync);
        Assert.Equal("b", (string?)cluster.Get("deployment", "default", "web")!["metadata"]!["labels"]!["a"]);
        RequestRecord record = Assert.Single(cluster.Requests.Matching("PATCH"));
        Assert.True(record.Cut);
        Assert.Equal((200, Label), (record.Status, record.Body));
        Assert.Equal(200, (await PatchAsync()).Status);
    }

    [Fact]
    public async Task CutBefore_OnAPatch_HasNoEffect()
    {
        cluster.Faults.Add(new ClusterFault { Method = "PATCH", Times = 1, CutBefore = true });

        await Assert.ThrowsAsync<HttpRequestException>(PatchAsync);
        Assert.Null(cluster.Get("deployment", "default", "web")!["metadata"]!["labels"]);
    }

    [Fact]
    public async Task Status_WithRetryAfter_IsAnsweredSoOftenAndNoMore()
    {
        cluster.Faults.Add(new ClusterFault { PathPrefix = "/apis/apps/v1/deployments", Times = 2, Status = 429, RetryAfter = "1" });
        Answer[] answers = [await ListAsync(), await ListAsync(), await ListAsync()];

        Assert.Equal([429, 429, 200], answers.Select(answer => answer.Status));
        Assert.Equal("1", answers[0].Headers.RetryAfter!.ToString());
        Assert.Equal(2, cluster.Requests.Count("GET", status: 429));
    }

    [Fact]
    public async Task Percent_OfRequests_HitsAboutThatMany()
    {
        cluster.Faults.Add(new ClusterFault { Status = 500, Percent = 30 });
        for (var i = 0; i < 200; i++) await ListAsync();

        Assert.InRange(cluster.Requests.Count(status: 500), 30, 90);
    }

    [Fact]
    public async Task Conflict_OnAPatch_MakesItsResourceVersionStale()
    {
        var version = (string?)cluster.Get("deployment", "default", "web")!["metadata"]!["resourceVersion"];
        var patch = $$"""{"metadata":{"resourceVersion":"{{version}}","labels":{"a":"b"} } }""";
        cluster.Faults.Add(new ClusterFault { Method = "PATCH", Times = 1, Conflict = true });

        Assert.Equal(409, (await PatchAsync(patch)).Status);
    }

    [Theory]
    [InlineData("/apis/apps/v1/deployments", "deployments.apps is forbidden: User \"system:serviceaccount:image-updater:image-updater\" cannot list resource \"deployments\" in API group \"apps\" at the cluster scope")]
    [InlineData("/api/v1/namespaces/default/secrets/s", "secrets \"s\" is forbidden: User \"system:serviceaccount:image-updater:image-updater\" cannot get resource \"secrets\" in API group \"\" in the namespace \"default\"")]
    public async Task Access_ToAForbiddenVerb_Is403AsRbacSaysIt(string path, string message)
    {
        cluster.Forbidden = [new ForbiddenVerb("list", "deployments"), new ForbiddenVerb("get", "secrets", "default")];
        Answer answer = await http.GetAsync(path);

        Assert.Equal((403, "Forbidden", message), (answer.Status, answer.Reason, answer.Message));
    }

    private Task<Answer> ListAsync() => http.GetAsync("/apis/apps/v1/deployments");

    private Task<Answer> PatchAsync() => PatchAsync(Label);

    private Task<Answer> PatchAsync(string body) =>
        http.SendAsync(HttpMethod.Patch, $"{SandboxHttp.Deployments}/web", body, SandboxHttp.Strategic);
}
