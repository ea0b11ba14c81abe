using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

public sealed class RolloutTests : IAsyncLifetime
{
    private const string Restart = """{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-11-23T10:00:00Z"}}}}}""";

    private SandboxCluster cluster = null!;
    private SandboxRegistry registry = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions
        {
            RolloutStepDelay = TimeSpan.FromMilliseconds(5),
            Nodes = [new SandboxNode("one"), new SandboxNode("two")],
        });
        registry = await SandboxRegistry.StartAsync();
        registry.PushImage("app", "latest", "first");
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await registry.DisposeAsync();
    }

    [Fact]
    public async Task Deployment_TemplatePatched_ReplacesItsPods()
    {
        await CreateAsync(Manifests.Deployment("web", App).Replicas(3));
        HashSet<string> before = PodNames();
        string digest = registry.PushImage("app", "latest", "second");

        await RestartAsync("deployment");

        JsonObject web = Web("deployment");
        Assert.Equal(2, (int)web["metadata"]!["generation"]!);
        Assert.Equal(3, (int)web["status"]!["updatedReplicas"]!);
        Assert.Equal(3, (int)web["status"]!["availableReplicas"]!);
        Assert.Equal("NewReplicaSetAvailable", Reason(web, "Progressing"));
        Assert.Equal("2", (string?)web["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]);
        await cluster.WaitUntilSettledAsync();
        Assert.Empty(before.Intersect(PodNames()));
        Assert.All(cluster.List("pods"), pod => Assert.EndsWith("@" + digest, ImageIds.Of(pod), StringComparison.Ordinal));
        Assert.Equal(1, cluster.Rollouts.MostAtOnce());
    }

    [Fact]
    public async Task Deployment_Paused_DoesNotRollUntilResumed()
    {
        await CreateAsync(Manifests.Deployment("web", App));
        HashSet<string> before = PodNames();
        cluster.Patch("deployment", "default", "web", """{"spec":{"paused":true}}""");
        await RestartAsync("deployment");
        Assert.Equal(before, PodNames());
        Assert.Equal("DeploymentPaused", Reason(Web("deployment"), "Progressing"));

        cluster.Patch("deployment", "default", "web", """{"spec":{"paused":false}}""");
        await cluster.WaitForRolloutAsync("deployment", "default", "web");
        await cluster.WaitUntilSettledAsync();
        Assert.Empty(before.Intersect(PodNames()));
    }

    [Fact]
    public async Task Deployment_OfAMissingImage_StallsAndRunsOutOfTime()
    {
        await CreateAsync(Manifests.Deployment("web", App));
        cluster.Patch("deployment", "default", "web", $$"""
            {"spec":{"progressDeadlineSeconds":1,"template":{"spec":{"containers":[{"name":"app","image":"{{registry.Reference("none")}}"}]} } } }
            """);

        await cluster.WaitAsync(() => Reason(Web("deployment"), "Progressing") == "ProgressDeadlineExceeded", "the deadline");
        Assert.Equal(1, (int)Web("deployment")["status"]!["availableReplicas"]!);
        Assert.Contains(cluster.List("pods"), pod => Waiting(pod) is "ErrImagePull" or "ImagePullBackOff");

        registry.PushImage("none", "latest", "late");
        await cluster.WaitForRolloutAsync("deployment", "default", "web");
        Assert.Equal("NewReplicaSetAvailable", Reason(Web("deployment"), "Progressing"));
    }

    [Fact]
    public async Task Deployment_OfABrokenImage_DoesNotBecomeAvailable()
    {
        await CreateAsync(Manifests.Deployment("web", App));
        cluster.BreakImage(registry.PushImage("app", "latest", "broken"));
        cluster.Patch("deployment", "default", "web", Restart);

        await cluster.WaitAsync(() => cluster.List("pods").Any(pod => Waiting(pod) == "CrashLoopBackOff"), "the crash");
        Assert.Equal(1, (int)Web("deployment")["status"]!["unavailableReplicas"]!);
    }

    [Fact]
    public async Task Deployment_WithZeroReplicas_IsDoneAtOnce()
    {
        await CreateAsync(Manifests.Deployment("web", App).Replicas(0));
        await RestartAsync("deployment");

        Assert.Empty(cluster.List("pods"));
        Assert.Null(Web("deployment")["status"]!["replicas"]);
        Assert.Equal("NewReplicaSetAvailable", Reason(Web("deployment"), "Progressing"));
    }

    [Fact]
    public async Task StatefulSet_TemplatePatched_ReplacesPodsUnderTheirNames()
    {
        await CreateAsync(Manifests.StatefulSet("web", App).Replicas(3));
        var uids = cluster.List("pods").Select(pod => (string?)pod["metadata"]!["uid"]).ToHashSet();
        await RestartAsync("statefulset");

        JsonNode status = Web("statefulset")["status"]!;
        Assert.Equal((string?)status["updateRevision"], (string?)status["currentRevision"]);
        Assert.Equal(3, (int)status["readyReplicas"]!);
        Assert.Equal(["web-0", "web-1", "web-2"], PodNames().Order());
        Assert.DoesNotContain(cluster.List("pods"), pod => uids.Contains((string?)pod["metadata"]!["uid"]));
    }

    [Theory]
    [InlineData("statefulset")]
    [InlineData("daemonset")]
    public async Task OnDelete_TemplatePatched_LeavesThePodsUntilTheyAreDeleted(string kind)
    {
        JsonObject set = kind == "daemonset" ? Manifests.DaemonSet("web", App) : Manifests.StatefulSet("web", App);
        set["spec"]!["updateStrategy"] = new JsonObject { ["type"] = "OnDelete" };
        await CreateAsync(set);
        HashSet<string> before = PodUids();
        await RestartAsync(kind);
        Assert.Equal(before, PodUids());

        cluster.Delete("pod", "default", PodNames().First());
        await cluster.WaitAsync(() => PodUids().Except(before).Count() == 1 && PodUids().Count == before.Count, "the pod's successor");

        HashSet<string> PodUids() => [.. cluster.List("pods").Select(pod => (string)pod["metadata"]!["uid"]!)];
    }

    [Fact]
    public async Task DaemonSet_TemplatePatched_ReplacesThePodOfEveryNode()
    {
        await CreateAsync(Manifests.DaemonSet("web", App));
        HashSet<string> before = PodNames();
        await RestartAsync("daemonset");

        JsonNode status = Web("daemonset")["status"]!;
        Assert.Equal(2, (int)status["desiredNumberScheduled"]!);
        Assert.Equal(2, (int)status["updatedNumberScheduled"]!);
        Assert.Equal(2, (int)status["numberAvailable"]!);
        Assert.Empty(before.Intersect(PodNames()));
        Assert.Equal(["one", "two"], cluster.List("pods").Select(pod => (string?)pod["spec"]!["nodeName"]).Order());
    }

    [Fact]
    public async Task DaemonSet_NodeAdded_GetsAPodThere()
    {
        await CreateAsync(Manifests.DaemonSet("web", App));
        cluster.AddNode(new SandboxNode("three"));

        await cluster.WaitAsync(() => cluster.List("pods").Any(pod => (string?)pod["spec"]!["nodeName"] == "three"), "a pod on the new node");
    }

    private (string Name, string Image) App => ("app", registry.Reference("app"));

    private async Task CreateAsync(JsonObject workload)
    {
        cluster.Apply(workload);
        await cluster.WaitForRolloutAsync((string)workload["kind"]!, "default", "web");
    }

    private async Task RestartAsync(string kind)
    {
        cluster.Patch(kind, "default", "web", Restart);
        await cluster.WaitForRolloutAsync(kind, "default", "web");
    }

    private JsonObject Web(string kind) => cluster.Get(kind, "default", "web")!;

    private HashSet<string> PodNames() => [.. cluster.List("pods").Select(pod => (string)pod["metadata"]!["name"]!)];

    private static string? Reason(JsonObject workload, string type) =>
        (string?)workload["status"]!["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == type)!["reason"];

    private static string? Waiting(JsonObject pod) => (string?)pod["status"]!["containerStatuses"]?[0]!["state"]!["waiting"]?["reason"];
}
