using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.BadInput;

/// <summary>Workloads that are deleted between planning and applying.</summary>
public sealed class VanishedTests
{
    [Fact]
    public async Task Apply_WorkloadOfThePlanWasDeleted_IsStaleAndChangesNothing()
    {
        await using var world = await World.StartAsync();
        var before = await world.PushAsync("app", "one");
        foreach (var name in (string[])["gone", "stays"])
            await world.DeployAsync(Manifests.Deployment(name, ("app", world.Image("app"))).Enabled(("last-digest", $"app:{before}")));
        await world.PushAsync("app", "two");
        var file = Path.Combine(world.Folder, "plan.json");
        Assert.Equal(2, (await world.PlanAsync("--out", file, "--detailed-exitcode")).ExitCode);
        await world.DeleteAsync("Deployment", "gone");

        var apply = await world.RunAsync("apply", file, "--auto-approve");

        Assert.True(apply.ExitCode == 4, apply.ToString());
        Assert.Matches(
            $"^image-updater: plan p-[0-9a-f]+ is stale; nothing was changed: {world.Namespace}/deployment/gone no longer exists or is no longer enabled\n$", apply.Errors);
        Assert.Null(await world.RestartedAtAsync("Deployment", "stays"));
    }

    [Fact]
    public async Task Apply_WorkloadsAreDeletedMeanwhile_SaysSoAndServesTheOthers()
    {
        await using var world = await World.StartSandboxAsync();
        var before = await world.PushAsync("app", "one");
        foreach (var name in (string[])["gone", "going", "stays"])
            await world.DeployAsync(Manifests.Deployment(name, ("app", world.Image("app"))).Enabled(("last-digest", $"app:{before}")));
        await world.PushAsync("app", "two");

        // The API returns 404 for a workload that the list still had: for every request, or only for the patch.
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "GET", PathContains = "deployments/gone", Status = 404 });
        world.Sandbox.Faults.Add(new ClusterFault { Method = "PATCH", PathContains = "deployments/going", Status = 404 });
        var apply = await world.ApplyAsync();

        Message.Of(apply, "2 of 3 changes failed");
        Assert.Contains($"x {world.Namespace}/deployment/gone: the workload was deleted", apply.Output);
        Assert.Contains($"x {world.Namespace}/deployment/going: the workload was deleted", apply.Output);
        Assert.NotNull(await world.RestartedAtAsync("Deployment", "stays"));
        Assert.True(await world.IsRolledOutAsync("Deployment", "stays"));
    }
}
