using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>What becomes the baseline of a workload that is seen for the first time. Run on a real cluster, too.</summary>
public sealed class AdoptionTests
{
    [Fact]
    public async Task Apply_TagMovedSinceThePodsStarted_RestartsForIt()
    {
        await using var world = await World.StartAsync();
        var before = await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("app", world.Image("web"))).Enabled());
        await world.PushAsync("still", "one");
        await world.DeployAsync(Manifests.Deployment("still", ("app", world.Image("still"))).Enabled());
        var after = await world.PushAsync("web", "two");

        var plan = await world.PlanAsync();

        Assert.Contains("1 workload runs an older digest than its tag serves and will be restarted, at most 5 at a time and 2 per namespace.\n", plan.Output);
        Assert.Contains($"        {before[..19]} -> {after[..19]}\n", plan.Output);
        Assert.Contains(": 1 to restart, 2 adopted, 0 held, 0 skipped, 1 unchanged.", plan.Output);
        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Equal($"app:{after}", await world.AnnotationAsync("Deployment", "web", "last-digest"));
        Assert.Null(await world.RestartedAtAsync("Deployment", "still"));
        await world.AllRunAsync("web", after);
    }

    // The push would be lost if the digest that the registry serves at the first look became the baseline.
    [Fact]
    public async Task Apply_FreshDeploymentWithAPendingPod_WaitsAndThenTakesWhatItsPodRuns()
    {
        await using var world = await World.StartAsync();
        var before = await StartPendingAsync(world);
        var after = await world.PushAsync("web", "two");

        var waiting = await world.PlanAsync();
        Assert.Contains($"Waiting for pods to start:\n  ? {world.Namespace}/deployment/web app: no baseline yet; waiting for the rollout to end\n", waiting.Output);
        Assert.Contains(": 0 to restart, 0 adopted, 0 held, 0 skipped, 1 unchanged.", waiting.Output);
        Assert.Matches("no baseline +[0-9]+s +no baseline yet; waiting for the rollout to end\n", (await world.RunAsync("state", "list")).Output);

        await EndPendingAsync(world);
        var apply = await world.ApplyAsync();

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains($"        {before[..19]} -> {after[..19]}\n", apply.Output);
        Assert.Equal($"app:{after}", await world.AnnotationAsync("Deployment", "web", "last-digest"));
    }

    [Fact]
    public async Task Run_FreshDeploymentWithAPendingPod_RestartsItWhenItsRolloutHasEnded()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("old", "one");
        await world.DeployAsync(Manifests.Deployment("old", ("app", world.Image("old"))).Enabled(("approval", "required")));
        await world.PushAsync("old", "two");
        await StartPendingAsync(world);
        var after = await world.PushAsync("web", "two");

        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        await run.CyclesAsync();
        Assert.Empty(SentRestart.All(world));
        Assert.Contains("1 workload runs an older digest than its tag serves; 1 is held.", run.Log);

        await EndPendingAsync(world);
        await run.UntilAsync("it is restarted", async () => await world.AnnotationAsync("Deployment", "web", "last-digest") == $"app:{after}");
        Assert.Equal(0, await run.StopAsync());
        Assert.Equal("deployments/web", Assert.Single(SentRestart.Effective(world)).Workload);
    }

    [Fact]
    public async Task Plan_NoPodsToAsk_AdoptsTheServedDigestUnverified()
    {
        await using var world = await World.StartAsync();
        var served = await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("app", world.Image("web"))).Enabled().Replicas(0));

        var plan = await world.PlanAsync("--output", "json");

        var container = JsonNode.Parse(plan.Output)!["workloads"]![0]!["containers"]![0]!;
        Assert.Equal("first seen; current digest recorded as the baseline, unverified: it has no replicas", (string?)container["explanation"]);
        Assert.Equal((served, true), ((string?)container["adopt"]!["digest"], (bool?)container["adopt"]!["unverified"]));
        Assert.Matches($@"{served[..19]} \(unverified\) +[0-9]+s +first seen", (await world.RunAsync("state", "list")).Output);
        Assert.Matches($"baseline +{served} since .* \\(FirstSeen, unverified\\)", (await world.RunAsync("explain", "deployment/web", "--namespace", world.Namespace)).Output);
        Assert.Contains("FirstSeen, unverified)", (await world.RunAsync("state", "show", "deployment/web")).Output);
    }

    [Fact]
    public async Task Plan_PodsOfDifferentDigests_TakesTheOlder()
    {
        await using var world = await World.StartSandboxAsync();
        var before = await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.StatefulSet("web", ("app", world.Image("web"))).Enabled().Replicas(2));
        var after = await world.PushAsync("web", "two");
        world.Sandbox!.Delete("pods", world.Namespace, "web-0");
        await world.Sandbox.WaitUntilSettledAsync();
        await world.Sandbox.WaitForRolloutAsync("statefulsets", world.Namespace, "web");
        Assert.Equal(2, (await world.RunningAsync("web")).Distinct().Count());

        var plan = await world.PlanAsync();

        Assert.Contains($"        {before[..19]} -> {after[..19]}\n", plan.Output);
        Assert.Contains("its pods run different digests, of which the oldest is the baseline", plan.Output);
    }

    // Pods are listed for containers without a baseline only: once for the workload, with its selector, and not while its rollout goes on.
    [Fact]
    public async Task Plan_FirstSeen_ListsThePodsOfEachWorkloadOnce()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("app", "one");
        foreach (var name in new[] { "a", "b" })
            await world.DeployAsync(Manifests.Deployment(name, ("app", world.Image("app")), ("side", world.Image("app"))).Enabled());
        await StartPendingAsync(world);
        world.Sandbox!.Requests.Clear();

        await world.PlanAsync();
        Assert.Equal(["labelSelector=app%3Da", "labelSelector=app%3Db"], Selectors());

        world.Sandbox.Requests.Clear();
        await world.PlanAsync();
        Assert.Empty(Selectors());

        IEnumerable<string> Selectors() => world.Sandbox!.Requests.All.Where(request => request.Path == $"/api/v1/namespaces/{world.Namespace}/pods")
            .Select(request => Regex.Match(request.Query, "labelSelector=[^&]*", RegexOptions.NonBacktracking).Value).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Plan_PodsCannotBeListedForAMoment_AdoptsNothingYet()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("other");
        var before = await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("app", world.Image("web"))).Enabled());
        await world.PushAsync("web", "two");
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "GET", PathContains = "/pods", Status = 500 });

        var plan = await world.PlanAsync();
        Assert.Contains("cannot list pods of ", plan.Output);
        Assert.Contains("deployment/web app: no baseline yet; waiting for its pods, which cannot be listed at the moment", plan.Output);

        world.Sandbox.Faults.Clear();
        Assert.Contains($"        {before[..19]} -> ", (await world.PlanAsync()).Output);
    }

    /// <summary>A pod whose first container runs, and whose second has no image yet.</summary>
    private static async Task<string> StartPendingAsync(World world)
    {
        var digest = await world.PushAsync("web", "one");
        var web = Manifests.Deployment("web", ("app", world.Image("web")), ("side", world.Image("side"))).Enabled(("ignore-containers", "side"), ("pull-policy", "always"));
        web["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"] = "IfNotPresent";
        await world.ApplyManifestAsync(web, "kubectl");
        await Eventually.HoldsAsync("the first container runs", async () => (await world.RunningAsync("web")).Any(image => image.EndsWith(digest, StringComparison.Ordinal)));
        Assert.False(await world.IsRolledOutAsync("Deployment", "web"));
        return digest;
    }

    private static async Task EndPendingAsync(World world)
    {
        // The same image under another name: containerd then reports that name for the first container, too.
        await world.PushAsync("side", "one");
        await Eventually.HoldsAsync("the rollout has ended", () => world.IsRolledOutAsync("Deployment", "web"));
    }
}
