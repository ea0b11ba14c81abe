using ImageUpdater.Core.Applying;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>The manifest of a new digest is read before a restart: once, and not for a restart that could not work.</summary>
public sealed class NewManifestTests
{
    [Fact]
    public async Task Run_WorkloadsThatShareANewDigest_ReadItOnceAndCyclesWithoutOneReadNothing()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("shared", "one");
        string[] names = ["a", "b", "c"];
        foreach (var name in names)
            await world.DeployAsync(Manifests.Deployment(name, ("app", world.Image("shared"))).Enabled());
        await using var run = Controller.Start(world);
        await run.CyclesAsync();
        Assert.Equal(0, world.Registry!.Requests.Count("GET"));

        await world.PushAsync("shared", "two");
        foreach (var name in names)
            await run.UntilAsync($"{name} is rolled out", async () => (await StoredState.ReadAsync(world)).Newest(name)?.State == RolloutState.Succeeded);
        await run.CyclesAsync();

        Assert.Equal(["blobs", "manifests"], Read(world).Order());
        Assert.Equal(0, await run.StopAsync());

        // Another process has it from the store.
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        Assert.Equal(2, Read(world).Count);
    }

    [Fact]
    public async Task Run_TagWithoutContent_SkipsItAndBacksOffUntilItIsThere()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        var fault = world.Registry!.Faults.Add(new RegistryFault { Method = "GET", PathContains = "/manifests/sha256:", Status = 404 });
        var two = await world.PushAsync("web", "two");
        await run.UntilAsync("it is skipped", () => run.Log.Contains($"answered 404 Not Found for {world.Namespace}/web@{two}", StringComparison.Ordinal));
        var seen = await run.CyclesEndedAsync();
        await run.UntilAsync("eight more cycles", async () => await run.CyclesEndedAsync() > seen + 8);

        // With an interval of a second: after 1, 2, 4 and 8 of them, less a fifth.
        Assert.InRange(Read(world).Count, 1, 5);
        var (_, metrics) = await run.GetAsync("/metrics");
        Assert.Contains("image_updater_skips{reason=\"registry-failed\"} 1", metrics);
        Assert.Empty(SentRestart.All(world));
        Assert.Equal(0, await run.StopAsync());

        var plan = await world.PlanAsync();
        Assert.Contains("the manifest of the new digest can't be read: ", plan.Output);
        fault.Dispose();
        Assert.Equal(0, (await world.ApplyAsync()).ExitCode);
        Assert.Equal(two, Assert.Single(SentRestart.All(world)).LastDigest["web"]);
    }

    [Fact]
    public async Task Plan_SingleManifestOfAnotherPlatform_IsSkippedUntilTheRightOneComes()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        world.Registry!.PushImage($"{world.Namespace}/web", "latest", "two", "linux/arm64");

        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains("is built for linux/arm64, and no node has that platform: the nodes are linux/amd64", plan.Output);
        Assert.Equal(0, (await world.ApplyAsync()).ExitCode);
        Assert.Empty(SentRestart.All(world));

        await world.PushAsync("web", "three");
        Assert.Equal(0, (await world.ApplyAsync()).ExitCode);
        Assert.Single(SentRestart.All(world));
    }

    // A cache may have a tag of an image whose manifest it does not have, although another registry has it.
    [Fact]
    public async Task Plan_ManifestKnownFromAnotherRepository_IsReadFromItsOwn()
    {
        await using var world = await World.StartSandboxAsync();
        var index = new Dictionary<string, string> { ["linux/amd64"] = "a1" };
        foreach (var name in new[] { "upstream", "cache" })
        {
            await world.PushIndexAsync(name, index);
            await world.DeployAsync(Manifests.Deployment(name, ("app", world.Image(name))).Enabled());
        }

        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        foreach (var name in new[] { "upstream", "cache" })
            await world.PushIndexAsync(name, new Dictionary<string, string> { ["linux/amd64"] = "a2" });
        using var fault = world.Registry!.Faults.Add(new RegistryFault { Method = "GET", PathContains = $"/cache/manifests/", Status = 404 });

        var plan = await world.PlanAsync();
        Assert.Contains("1 to restart, 0 adopted, 0 held, 1 skipped", plan.Output);
        Assert.Contains($"answered 404 Not Found for {world.Namespace}/cache@sha256:", plan.Output);
    }

    [Fact]
    public async Task Plan_RealRegistry_ReadsAPlatformFromAConfig()
    {
        Assert.SkipWhen(World.RealKubeconfig is not null, "needs nodes of a known platform");
        await using var world = await World.StartAsync(WorldRegistry.Docker);
        await world.DeployRolledOutAsync("web");
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        using var arm = OciLayout.Image("two", "linux/arm64");
        await Skopeo.PushAsync(arm, world.Image("web"));

        Assert.Contains("is built for linux/arm64, and no node has that platform", (await world.PlanAsync()).Output);
    }

    private static List<string> Read(World world) =>
        [.. world.Registry!.Requests.Matching("GET").Where(request => request.Path.Contains("sha256:", StringComparison.Ordinal)).Select(request => request.Path.Split('/')[^2])];
}
