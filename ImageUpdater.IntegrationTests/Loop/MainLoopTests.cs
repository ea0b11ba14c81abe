using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Loop;

/// <summary>All steps of a user: push, plan, apply, plan again, report. On the Sandbox, or on a real cluster.</summary>
public sealed class MainLoopTests
{
    [Theory]
    [InlineData(WorldRegistry.Sandbox)]
    [InlineData(WorldRegistry.Docker)]
    public async Task PushPlanApplyReport_NewDigest_RestartsOnceAndReportsIt(WorldRegistry registry)
    {
        await using var world = await World.StartAsync(registry);
        world.StartsProcesses |= registry == WorldRegistry.Docker;
        var first = await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled());

        var adopt = await world.PlanAsync("--detailed-exitcode");
        Assert.True(adopt.ExitCode == 0, adopt.ToString());
        Assert.Contains("0 to restart, 1 adopted", adopt.Output);

        var second = await world.PushAsync("web", "two");
        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == 2, plan.ToString());
        Assert.Contains($"{first[..19]} -> {second[..19]}", plan.Output);
        Assert.DoesNotContain('\e', plan.Output);
        Assert.Null(await world.RestartedAtAsync("Deployment", "web"));

        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Equal($"web:{second}", await world.AnnotationAsync("Deployment", "web", "last-digest"));
        var restartedAt = await world.RestartedAtAsync("Deployment", "web");
        Assert.NotNull(restartedAt);
        await world.AllRunAsync("web", second);

        var again = await world.PlanAsync("--detailed-exitcode");
        Assert.True(again.ExitCode == 0, again.ToString());
        await world.ApplyAsync();
        Assert.Equal(restartedAt, await world.RestartedAtAsync("Deployment", "web"));

        var history = await world.RunAsync("history", "deployment/web");
        Assert.Contains("restarted: web", history.Output);
        Assert.Contains("rollout succeeded: rolled out; all pods run the new digest", history.Output);
        var report = await world.RunAsync("report", "--format", "markdown");
        Assert.Contains("1 restart", report.Output);
    }

    [Theory]
    [InlineData("Deployment")]
    [InlineData("StatefulSet")]
    [InlineData("DaemonSet")]
    public async Task Apply_EachKind_RollsOut(string kind)
    {
        await using var world = await World.StartAsync();
        await world.PushAsync("app", "one");
        (string, string) container = ("app", world.Image("app"));
        await world.DeployAsync((kind switch
        {
            "Deployment" => Manifests.Deployment("app", container),
            "StatefulSet" => Manifests.StatefulSet("app", container),
            _ => Manifests.DaemonSet("app", container),
        }).Enabled());
        await world.PlanAsync();
        var second = await world.PushAsync("app", "two");

        var apply = await world.ApplyAsync();

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.True(await world.IsRolledOutAsync(kind, "app"));
        await world.AllRunAsync("app", second);
    }
}
