using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>The events that kubectl describe shows for a workload, on the Sandbox or a real cluster.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task Apply_ANewDigest_LeavesARestartedEventOnTheWorkload()
    {
        await using var world = await World.StartAsync();
        await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled());
        await world.PlanAsync();
        await world.PushAsync("web", "two");

        var apply = await world.ApplyAsync("--wait=false");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        var told = Assert.Single(await EventsAsync(world));
        Assert.Equal("Restarted", told["reason"]!.GetValue<string>());
        Assert.Equal("Restart", told["action"]!.GetValue<string>());
        Assert.Equal("Normal", told["type"]!.GetValue<string>());
        Assert.Equal("image-updater", told["reportingController"]!.GetValue<string>());
        Assert.Contains(world.Image("web"), told["note"]!.GetValue<string>());
        var workload = await world.GetAsync("Deployment", "web");
        Assert.Equal("Deployment", told["regarding"]!["kind"]!.GetValue<string>());
        Assert.Equal("web", told["regarding"]!["name"]!.GetValue<string>());
        Assert.Equal(workload["metadata"]!["uid"]!.GetValue<string>(), told["regarding"]!["uid"]!.GetValue<string>());
    }

    [Fact]
    public async Task Apply_EventsTurnedOff_LeavesNone()
    {
        await using var world = await World.StartAsync();
        world.HostEnvironment["ImageUpdater__Events"] = "false";
        await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled());
        await world.PlanAsync();
        await world.PushAsync("web", "two");

        Assert.Equal(0, (await world.ApplyAsync("--wait=false")).ExitCode);

        Assert.NotNull(await world.RestartedAtAsync("Deployment", "web"));
        Assert.Empty(await EventsAsync(world));
    }

    [Fact]
    public async Task Apply_EventsForbidden_RestartsAllTheSame()
    {
        await using var world = await World.StartSandboxAsync();
        world.Sandbox!.Forbidden = [new ForbiddenVerb("create", "events")];
        await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled());
        await world.PlanAsync();
        await world.PushAsync("web", "two");

        var apply = await world.ApplyAsync();

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.NotNull(await world.RestartedAtAsync("Deployment", "web"));
        Assert.NotEqual(0, world.Sandbox.Requests.Count("POST", "/apis/events.k8s.io/"));
        Assert.Empty(await EventsAsync(world));
    }

    [Fact]
    public async Task Run_HeldAndFailed_AreEventsOnce()
    {
        await using var world = await World.StartSandboxAsync();
        foreach (var name in (string[])["paused", "stuck"])
        {
            await world.PushAsync(name, "one");
            await world.DeployAsync(Manifests.Deployment(name, (name, world.Image(name))).Enabled());
        }

        await world.AnnotateAsync("Deployment", "stuck", "rollout-timeout", "2s");
        await using var host = await RunningHost.StartAsync(world, ("ImageUpdater__LogFormat", "Json"));
        await host.ReadyAsync();
        await world.MergeAsync("Deployment", "paused", new JsonObject { ["spec"] = new JsonObject { ["paused"] = true } });
        world.Sandbox!.BreakImage(await world.PushAsync("stuck", "two"));
        await world.PushAsync("paused", "two");

        await Eventually.HoldsAsync("both are told", async () => (await EventsAsync(world)).Count >= 5, () => host.Process.Output);
        await Task.Delay(TimeSpan.FromSeconds(3));

        // Later cycles with the same result added no events.
        var told = (await EventsAsync(world)).Select(told => $"{told["regarding"]!["name"]} {told["reason"]} {told["type"]}").Order(StringComparer.Ordinal);
        Assert.Equal(["paused Held Normal", "stuck Held Normal", "stuck Quarantined Warning", "stuck Restarted Normal", "stuck RolloutFailed Warning"], told);
        var metrics = await host.TextAsync("/metrics");
        Assert.Contains("image_updater_events_total{result=\"sent\"} 5\n", metrics);
        Assert.Contains("image_updater_holds{reason=\"paused\"} 1\n", metrics);
        Assert.Contains("image_updater_rollouts_total{kind=\"deployment\",outcome=\"timed-out\"} 1\n", metrics);
    }

    private static async Task<IReadOnlyList<JsonNode>> EventsAsync(World world)
    {
        var list = await world.Api.GetAsync($"/apis/events.k8s.io/v1/namespaces/{world.Namespace}/events");
        return [.. list["items"]!.AsArray().OfType<JsonNode>().Where(item => item["reportingController"]?.GetValue<string>() == "image-updater")];
    }
}
