using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Neither an installation nor a lost volume causes a wave of restarts.</summary>
public sealed class LostVolumeTests
{
    [SkippableFact]
    public async Task Apply_AfterTheStateWasLost_RestartsOnlyWhatChangedMeanwhile()
    {
        await using var world = await World.StartSandboxAsync();
        foreach (var name in new[] { "web", "api" })
        {
            await world.DeployRolledOutAsync(name);
            await world.PushAsync(name, "two");
        }

        var before = await world.ApplyAsync();
        Assert.True(before.ExitCode == 0, before.ToString());
        Assert.Equal(2, SentRestart.Effective(world).Count);

        Lose(world);
        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == 0, plan.ToString());

        Lose(world);
        await world.PushAsync("api", "three");
        var after = await world.ApplyAsync();
        Assert.True(after.ExitCode == 0, after.ToString());
        Assert.Equal("deployments/api", Assert.Single(SentRestart.All(world).Skip(2)).Workload);
    }

    [SkippableFact]
    public async Task Apply_FreshInstallOverAHundredWorkloads_RestartsNone()
    {
        await using var world = await World.StartSandboxAsync();
        foreach (var image in new[] { "red", "green", "blue" })
            await world.PushAsync(image, image);
        for (var i = 0; i < 100; i++)
        {
            var container = ("app", world.Image(new[] { "red", "green", "blue" }[i % 3]));
            world.Sandbox!.Apply((i % 2 == 0 ? Manifests.Deployment($"app{i}", container) : Manifests.StatefulSet($"app{i}", container)).Enabled().In(world.Namespace));
        }

        await world.Sandbox!.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));

        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("0 to restart, 100 adopted", apply.Output);
        Assert.Empty(SentRestart.All(world));
    }

    [SkippableFact]
    public async Task Plan_IndexChanged_RestartsOnlyForThePlatformsOfTheNodes()
    {
        await using var world = await World.StartSandboxAsync();
        var index = await PushAsync(world, amd64: "one", arm64: "one", attestation: "one");
        await world.DeployAsync(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled(("last-digest", $"web:{index}")));

        await PushAsync(world, amd64: "one", arm64: "two", attestation: "one");
        await StaysAsync(world);
        await PushAsync(world, amd64: "one", arm64: "two", attestation: "two");
        await StaysAsync(world);

        await PushAsync(world, amd64: "two", arm64: "two", attestation: "two");
        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("new digest for linux/amd64", apply.Output);
        Assert.Single(SentRestart.Effective(world));
    }

    private static Task<string> PushAsync(World world, string amd64, string arm64, string attestation) => world.PushIndexAsync(
        "web", new Dictionary<string, string>(StringComparer.Ordinal) { ["linux/amd64"] = amd64, ["linux/arm64"] = arm64 }, attestation);

    private static async Task StaysAsync(World world)
    {
        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains("new digest, but the manifests for the node platforms are unchanged", plan.Output);
    }

    private static void Lose(World world)
    {
        foreach (var file in Directory.GetFiles(world.Folder, "state.db*"))
            File.Delete(file);
    }
}
