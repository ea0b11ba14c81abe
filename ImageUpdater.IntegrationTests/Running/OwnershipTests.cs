using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Whoever owns a manifest can apply it after us, and what they write back is left as it is.</summary>
public sealed class OwnershipTests
{
    [Fact]
    public async Task Apply_PullPolicyOverride_LetsTheManifestBeApplied()
    {
        await using var world = await StartAsync();
        var manifest = await DeployAndPushAsync(world);
        // The status of the new rollout is written meanwhile.
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "PATCH", Times = 1 });
        world.Sandbox.Faults.Add(new ClusterFault { Method = "PATCH", Conflict = true, Times = 2 });

        var apply = await world.ApplyAsync("--wait=false");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Equal("Always", await PolicyAsync(world));
        Assert.False(await OwnsAnyAsync(world));
        var restartedAt = await world.RestartedAtAsync("Deployment", "web");
        Assert.Equal("", await world.ApplyManifestAsync(manifest, "helm"));
        Assert.Equal(("IfNotPresent", restartedAt), (await PolicyAsync(world), await world.RestartedAtAsync("Deployment", "web")));
        Assert.Single(SentRestart.All(world));
    }

    /// <summary>As if it was exported from the cluster once: with values of an earlier restart.</summary>
    [Fact]
    public async Task Apply_ManifestHasTheAnnotationsOfARestart_CanBeAppliedAgain()
    {
        await using var world = await StartAsync();
        var manifest = await DeployAndPushAsync(world);
        Assert.Equal(0, (await world.ApplyAsync("--wait=false")).ExitCode);

        manifest["metadata"]!["annotations"]!["image-updater.eznix86.github.io/last-digest"] = "web:sha256:" + new string('0', 64);
        manifest["spec"]!["template"]!["metadata"]!["annotations"] = new JsonObject { ["kubectl.kubernetes.io/restartedAt"] = "2026-01-01T00:00:00Z" };
        Assert.Equal("", await world.ApplyManifestAsync(manifest, "helm"));
    }

    [Fact]
    public async Task Apply_OverrideWasSetBack_IsNotSetAgain()
    {
        await using var world = await StartAsync();
        var manifest = await DeployAndPushAsync(world);
        Assert.Equal(0, (await world.ApplyAsync()).ExitCode);
        Assert.Equal("", await world.ApplyManifestAsync(manifest, "helm"));
        await Eventually.HoldsAsync("it is rolled out", () => world.IsRolledOutAsync("Deployment", "web"));
        await world.PushAsync("web", "three", "stable");

        var apply = await world.ApplyAsync("--wait=false");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("was set back to IfNotPresent by helm", apply.Output.ReplaceLineEndings(" "));
        Assert.Equal("IfNotPresent", await PolicyAsync(world));
        Assert.Equal(2, SentRestart.Effective(world).Count);
        Assert.DoesNotContain("Always", SentRestart.All(world)[^1].Body);
    }

    [Theory]
    [InlineData("true", "keep", "IfNotPresent")]
    [InlineData("false", "always", "Always")]
    public async Task Apply_AnnotationPullPolicy_OverridesTheOption(string option, string annotation, string policy)
    {
        await using var world = await StartAsync();
        world.HostEnvironment["AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS"] = option;
        await DeployAndPushAsync(world);
        await world.AnnotateAsync("Deployment", "web", "pull-policy", annotation);
        await world.UntilObservedAsync();

        var apply = await world.ApplyAsync("--wait=false");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Single(SentRestart.Effective(world));
        Assert.Equal(policy, await PolicyAsync(world));
    }

    [Fact]
    public async Task Apply_OwnershipCannotBeGivenUp_SucceedsAndTheNextApplyDoesIt()
    {
        await using var world = await StartAsync();
        var manifest = await DeployAndPushAsync(world);
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "PATCH", Times = 1 });
        world.Sandbox.Faults.Add(new ClusterFault { Method = "PATCH", Status = 403, Times = 1 });

        var apply = await world.ApplyAsync("--wait=false");
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("could not be given up", apply.Output.ReplaceLineEndings(" "));
        Assert.Contains("imagePullPolicy", await world.ApplyManifestAsync(manifest, "helm"));

        var next = await world.ApplyAsync("--wait=false");
        Assert.True(next.ExitCode == 0, next.ToString());
        Assert.Equal("", await world.ApplyManifestAsync(manifest, "helm"));
        Assert.Single(SentRestart.All(world));
    }

    [Fact]
    public async Task Kill_BeforeOwnershipIsGivenUp_TheNextStartDoesIt()
    {
        await using var world = await StartAsync();
        var manifest = await DeployAndPushAsync(world);
        var never = new TaskCompletionSource();
        var held = new ClusterFault { Method = "PATCH", Hold = never.Task, Times = 1 };
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "PATCH", Times = 1 });
        world.Sandbox.Faults.Add(held);
        await using (var killed = Controller.Start(world))
        {
            await killed.UntilAsync("the second patch is held", () => world.Sandbox.Faults.IsMet(held));
            await killed.KillAsync();
        }

        Assert.True(await OwnsAnyAsync(world));
        await using var next = Controller.Start(world);
        await next.UntilAsync("it is given up", async () => !await OwnsAnyAsync(world));
        Assert.Equal("", await world.ApplyManifestAsync(manifest, "helm"));
        Assert.Equal(0, await next.StopAsync());
        never.SetResult();
        Assert.Single(SentRestart.All(world));
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartSandboxAsync();
        world.HostEnvironment["AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS"] = "true";
        return world;
    }

    /// <summary>Applied as helm does, rolled out, and then something new is pushed.</summary>
    private static async Task<JsonObject> DeployAndPushAsync(World world)
    {
        var digest = await world.PushAsync("web", "one", "stable");
        var manifest = Manifests.Deployment("web", ("web", world.Image("web", "stable"))).Enabled(("track-containers", "web"));
        manifest["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"] = "IfNotPresent";
        Assert.Equal("", await world.ApplyManifestAsync(manifest, "helm"));
        await Eventually.HoldsAsync("it is rolled out", () => world.IsRolledOutAsync("Deployment", "web"));
        await world.AnnotateAsync("Deployment", "web", "last-digest", $"web:{digest}");
        await world.UntilObservedAsync();
        await world.PushAsync("web", "two", "stable");
        return manifest;
    }

    private static async Task<string> PolicyAsync(World world) =>
        (await world.GetAsync("Deployment", "web"))["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"]!.GetValue<string>();

    private static async Task<bool> OwnsAnyAsync(World world) =>
        (await world.GetAsync("Deployment", "web"))["metadata"]!["managedFields"]!.AsArray().Any(entry => (string?)entry!["manager"] == "image-updater");
}
