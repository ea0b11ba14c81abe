using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>The requests of <c>run</c> to the Kubernetes API once its informers are synchronized.</summary>
public sealed class RequestTests
{
    [Fact]
    public async Task Run_RolloutUnderWay_IsFollowedByTheWatch()
    {
        await using var world = await World.StartSandboxAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromSeconds(2) });
        await world.DeployRolledOutAsync("web", workload => workload.Replicas(2));
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        var push = await world.PushAsync("web", "two");
        await run.UntilAsync("the rollout has ended", async () => (await StoredState.ReadAsync(world)).Newest("web")?.State == RolloutState.Succeeded);

        var rollout = (await StoredState.ReadAsync(world)).Newest("web")!;
        Assert.Contains(push, rollout.LastDigest);
        // Long enough for three runs of the tracker. Only one may request the workload, before the watch has reported the patch.
        Assert.True(rollout.EndedAt - rollout.StartedAt > TimeSpan.FromSeconds(6), $"{rollout.StartedAt} to {rollout.EndedAt}");
        var sinceThePatch = Ours(world).SkipWhile(request => request.Method != "PATCH").Where(request => request.Path.EndsWith("/deployments/web", StringComparison.Ordinal));
        Assert.InRange(sinceThePatch.Count(request => request.Method == "GET"), 0, 1);

        await run.CyclesAsync();
        var lists = Ours(world).Where(request => request.Method == "GET" && !request.Query.Contains("watch=true", StringComparison.Ordinal)).ToList();
        Assert.Single(lists, request => request.Path == "/api/v1/nodes");
        Assert.Single(lists, request => request.Path == "/apis/apps/v1/deployments");
        Assert.Equal(0, await run.StopAsync());
    }

    [Fact]
    public async Task Run_NodeOfANewPlatform_IsNewsAndAnotherOfItIsNot()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        // Cycles every four seconds, without an image that is due.
        await using var run = Controller.Start(world, ("CHECK_INTERVAL", "40"), ("ImageUpdater__Registries__0__Interval", "7.00:00:00"));
        await run.UntilReadyAsync();
        Assert.Equal(1, await run.CyclesEndedAsync());

        world.Sandbox!.AddNode(new SandboxNode("arm") { Architecture = "arm64" });
        await run.UntilAsync("it is looked at", async () => await run.CyclesEndedAsync() == 2);
        world.Sandbox.AddNode(new SandboxNode("arm2") { Architecture = "arm64" });
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.Equal(2, await run.CyclesEndedAsync());
        Assert.Equal(0, await run.StopAsync());
    }

    [Fact]
    public async Task Run_WithoutRightsForNodes_WorksAsBeforeAndSaysSoOnce()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        world.Sandbox!.Forbidden = [new("watch", "nodes")];
        await using (var run = Controller.Start(world))
        {
            await run.CyclesAsync();
            Assert.Single(run.Log.Split('\n'), line => line.Contains("Not allowed to watch nodes; listing them in every cycle instead", StringComparison.Ordinal));
            Assert.True(world.Sandbox.Requests.Matching("GET", "/api/v1/nodes").Count(request => request.Status == 200) > 2);
            Assert.Equal(0, await run.StopAsync());
        }

        world.Sandbox.Forbidden = [new("list", "nodes"), new("watch", "nodes")];
        await world.PushAsync("web", "two");
        await using (var run = Controller.Start(world))
        {
            await run.UntilAsync("it is restarted all the same", async () => (await StoredState.ReadAsync(world)).Newest("web")?.State == RolloutState.Succeeded);
            await run.CyclesAsync();
            Assert.Single(run.Log.Split('\n'), line => line.Contains("cannot list nodes, so every platform of an image index is considered", StringComparison.Ordinal));
            Assert.Equal(0, await run.StopAsync());
        }
    }

    [Fact]
    public async Task Run_NodesCannotBeListedForAWhile_TheLastPlatformsStayInForce()
    {
        await using var world = await World.StartSandboxAsync();
        world.Sandbox!.Forbidden = [new("watch", "nodes")];
        await world.PushIndexAsync("app", new Dictionary<string, string> { ["linux/amd64"] = "a1", ["linux/arm64"] = "b1" });
        await world.DeployAsync(Manifests.Deployment("app", ("app", world.Image("app"))).Enabled());
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        await run.CyclesAsync();

        world.Sandbox.Forbidden = [new("list", "nodes"), new("watch", "nodes")];
        await run.UntilAsync("it says so", () => run.Log.Contains("cannot list nodes, so the platforms of the last list are considered (linux/amd64): ", StringComparison.Ordinal));
        await world.PushIndexAsync("app", new Dictionary<string, string> { ["linux/amd64"] = "a1", ["linux/arm64"] = "b2" });
        await run.UntilAsync("only the other platform's image is new", async () => (await StoredState.ReadAsync(world)).Of(AuditAction.Adopted)
            .Any(record => record.Message.Contains("the manifests for the node platforms are unchanged", StringComparison.Ordinal)));
        await run.CyclesAsync();

        Assert.Empty(SentRestart.All(world));
        Assert.Equal(0, await run.StopAsync());
    }

    private static IEnumerable<RequestRecord> Ours(World world) =>
        world.Sandbox!.Requests.All.Where(request => request.UserAgent?.StartsWith("image-updater/", StringComparison.Ordinal) == true);
}
