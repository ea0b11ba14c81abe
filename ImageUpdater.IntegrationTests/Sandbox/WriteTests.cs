using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

public sealed class WriteTests : IAsyncLifetime
{
    private const string Path = SandboxHttp.Deployments;

    private SandboxCluster cluster = null!;
    private SandboxHttp http = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(5) });
        http = new SandboxHttp(cluster.ApiUrl);
        cluster.Apply(Manifests.Deployment("web", ("app", "example.org/app:1")));
        await cluster.WaitUntilSettledAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Patch_WithStaleResourceVersion_Is409AndChangesNothing()
    {
        Answer answer = await http.PatchAsync($"{Path}/web", """{"metadata":{"resourceVersion":"1","labels":{"a":"b"}}}""");

        Assert.Equal(409, answer.Status);
        Assert.Equal("Conflict", answer.Reason);
        Assert.Equal(
            "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your changes to the latest version and try again",
            answer.Message);
        Assert.Equal("""{"name":"web","group":"apps","kind":"deployments"}""", answer.Json["details"]!.ToJsonString());
        Assert.Null(Web()["metadata"]!["labels"]);
    }

    [Fact]
    public async Task Patch_WithCurrentResourceVersion_IsTaken()
    {
        var version = (string?)Web()["metadata"]!["resourceVersion"];
        Answer answer = await http.PatchAsync($"{Path}/web", $$"""{"metadata":{"resourceVersion":"{{version}}","labels":{"a":"b"} } }""");

        Assert.Equal(200, answer.Status);
        Assert.NotEqual(version, (string?)answer.Json["metadata"]!["resourceVersion"]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"metadata":{"annotations":{"none":null},"labels":null}}""")]
    [InlineData("""{"status":{"replicas":7}}""")]
    [InlineData("""{"spec":{"replicas":1}}""")]
    public async Task Patch_ThatChangesNothing_LeavesTheResourceVersion(string patch)
    {
        var version = (string?)Web()["metadata"]!["resourceVersion"];
        Answer answer = await http.PatchAsync($"{Path}/web", patch);

        Assert.Equal(version, (string?)answer.Json["metadata"]!["resourceVersion"]);
    }

    [Theory]
    [InlineData("deployments", """{"metadata":{"labels":{"a":"b"}}}""", 1)]
    [InlineData("deployments", """{"metadata":{"annotations":{"a":"b"}}}""", 2)]
    [InlineData("deployments", """{"spec":{"replicas":2}}""", 2)]
    [InlineData("statefulsets", """{"metadata":{"annotations":{"a":"b"}}}""", 1)]
    [InlineData("statefulsets", """{"spec":{"replicas":2}}""", 2)]
    [InlineData("daemonsets", """{"metadata":{"annotations":{"a":"b"}}}""", 1)]
    public async Task Patch_ByWhatItChanges_CountsInTheGeneration(string kind, string patch, int generation)
    {
        cluster.Apply(Manifests.StatefulSet("web", ("app", "example.org/app:1")));
        cluster.Apply(Manifests.DaemonSet("web", ("app", "example.org/app:1")));
        await cluster.WaitUntilSettledAsync();
        Answer answer = await http.PatchAsync($"/apis/apps/v1/namespaces/default/{kind}/web", patch);

        Assert.Equal(generation, (int)answer.Json["metadata"]!["generation"]!);
    }

    [Fact]
    public async Task Put_WithStaleResourceVersion_Is409()
    {
        JsonObject web = Web();
        web["metadata"]!["resourceVersion"] = "1";
        web["spec"]!["replicas"] = 3;

        Assert.Equal(409, (await http.SendAsync(HttpMethod.Put, $"{Path}/web", web.ToJsonString())).Status);
    }

    [Fact]
    public async Task Post_OfAnExistingName_Is409AlreadyExists()
    {
        Answer answer = await http.SendAsync(HttpMethod.Post, Path, Manifests.Deployment("web", ("app", "a")).ToJsonString());

        Assert.Equal((409, "AlreadyExists"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task Post_InANamespaceThatIsNot_MakesItAndItsServiceAccount()
    {
        Answer answer = await http.SendAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/none/deployments", Manifests.Deployment("web", ("app", "a")).In("none").ToJsonString());

        Assert.Equal(201, answer.Status);
        Assert.Equal("Active", (string?)(await http.GetAsync("/api/v1/namespaces/none")).Json["status"]!["phase"]);
        Assert.Equal(200, (await http.GetAsync("/api/v1/namespaces/none/serviceaccounts/default")).Status);
    }

    [Fact]
    public async Task Delete_OfANamespace_TakesAllInItAlong()
    {
        await http.SendAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/none/deployments", Manifests.Deployment("web", ("app", "a")).In("none").ToJsonString());
        // Else the controller may be about to create a pod there, which brings the namespace back until the pod is collected.
        await cluster.WaitUntilSettledAsync();
        await http.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/none");

        Assert.Equal(404, (await http.GetAsync("/api/v1/namespaces/none")).Status);
        Assert.Equal(404, (await http.GetAsync("/apis/apps/v1/namespaces/none/deployments/web")).Status);
        await cluster.WaitUntilSettledAsync();
        Assert.Single(cluster.List("pods"));
    }

    [Theory]
    [InlineData("x/a", "Always")]
    [InlineData("x/a:latest", "Always")]
    [InlineData("x/a:1", "IfNotPresent")]
    [InlineData("x:5000/a", "Always")]
    [InlineData("x/a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "IfNotPresent")]
    public async Task Post_WithoutPullPolicy_GetsTheOneOfItsTag(string image, string policy)
    {
        Answer answer = await http.SendAsync(HttpMethod.Post, Path, Manifests.Deployment("other", ("app", image)).Replicas(0).ToJsonString());

        Assert.Equal(policy, (string?)answer.Json["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"]);
    }

    [Fact]
    public async Task Delete_WithAFinalizer_WaitsUntilItIsOff()
    {
        await http.PatchAsync($"{Path}/web", """{"metadata":{"finalizers":["x/y"]}}""");
        Answer deleted = await http.SendAsync(HttpMethod.Delete, $"{Path}/web");
        Answer held = await http.GetAsync($"{Path}/web");
        Answer freed = await http.PatchAsync($"{Path}/web", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["x/y"]}}""");
        Answer gone = await http.GetAsync($"{Path}/web");

        Assert.NotNull(deleted.Json["metadata"]!["deletionTimestamp"]);
        Assert.Equal((200, 200, 404), (held.Status, freed.Status, gone.Status));
    }

    [Fact]
    public async Task Delete_OfADeployment_TakesItsPodsAlong()
    {
        Assert.Single(cluster.List("pods"));
        Answer answer = await http.SendAsync(HttpMethod.Delete, $"{Path}/web");

        Assert.Equal("Success", (string?)answer.Json["status"]);
        await cluster.WaitAsync(() => cluster.List("pods").Count == 0, "the pods to go");
    }

    private JsonObject Web() => cluster.Get("deployment", "default", "web")!;
}
