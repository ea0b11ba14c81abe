using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>With the option ObserveOnly, and without permission to patch.</summary>
public sealed class ObserveOnlyTests
{
    private const string Warning = "observe only: nothing is applied";

    [Fact]
    public async Task Run_NewDigest_IsPlannedAndReportedAndNothingIsPatched()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        await using var controller = Controller.Start(world, ("ImageUpdater__ObserveOnly", "true"));
        await controller.UntilReadyAsync();
        await world.PushAsync("web", "second");

        await controller.UntilAsync("it is planned", async () => (await controller.GetAsync("/api/v1/workloads")).Body.Contains("\"action\": \"restart\"", StringComparison.Ordinal));
        await controller.CyclesAsync();

        Assert.Equal("ready; observe only: nothing is restarted\n", (await controller.GetAsync("/readyz")).Body);
        Assert.Contains("\nimage_updater_observe_only 1\n", (await controller.GetAsync("/metrics")).Body);
        Assert.Contains("Observe only: nothing is applied; 1 workload would be restarted.", (await controller.GetAsync("/reports/24h.md")).Body);
        Assert.Contains(Warning, controller.Log);
        Assert.Equal(0, world.Sandbox!.Requests.Count("PATCH"));
        Assert.Null(await world.RestartedAtAsync("Deployment", "web"));
        Assert.Equal(0, await controller.StopAsync());
    }

    [Fact]
    public async Task Commands_ObserveOnly_PlanAndReportSaySoAndApplyAndApproveAreRefused()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        world.HostEnvironment["ImageUpdater__ObserveOnly"] = "true";
        await world.PlanAsync();
        await world.PushAsync("web", "second");

        var plan = await world.PlanAsync();
        Assert.Contains(Warning, plan.Output);
        Assert.Contains("1 to restart", plan.Output);
        Assert.EndsWith("Observe only: nothing is applied.\n", plan.Output, StringComparison.Ordinal);
        Assert.Contains(Warning, (await world.PlanAsync("-o", "json")).Output);
        Assert.Contains("Observe only: nothing is applied; 1 workload would be restarted.", (await world.RunAsync("report")).Output);

        var apply = await world.ApplyAsync();
        Assert.Equal(1, apply.ExitCode);
        Assert.Equal("image-updater: ObserveOnly is set, so nothing is changed in the cluster; set ImageUpdater__ObserveOnly=false (chart: observeOnly) to apply\n", apply.Errors);
        await world.AnnotateAsync("Deployment", "web", "approval", "required");
        await world.UntilObservedAsync();
        var approve = await world.RunAsync("approve", "deployment/web", "--namespace", world.Namespace, "--auto-approve");
        Assert.Equal(1, approve.ExitCode);
        Assert.Contains("ObserveOnly is set", approve.Errors);
        Assert.Null(await world.AnnotationAsync("Deployment", "web", "approved-digest"));
        Assert.Null(await world.RestartedAtAsync("Deployment", "web"));
    }

    [Fact]
    public async Task Run_ObserveOnlyEnds_WhatWasDueIsRestarted()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        await using (var observing = Controller.Start(world, ("ImageUpdater__ObserveOnly", "true")))
        {
            await observing.UntilReadyAsync();
            await world.PushAsync("web", "second");
            await observing.UntilAsync("it is planned", async () => (await observing.GetAsync("/api/v1/workloads")).Body.Contains("\"action\": \"restart\"", StringComparison.Ordinal));
            Assert.Equal(0, await observing.StopAsync());
        }

        await using var controller = Controller.Start(world);
        await controller.UntilAsync("it is restarted", async () => await world.RestartedAtAsync("Deployment", "web") is not null);
    }

    private static async Task DeployAsync(World world)
    {
        await world.PushAsync("web", "first");
        await world.DeployAsync(Manifests.Deployment("web", ("app", world.Image("web"))).Enabled());
        await world.Sandbox!.WaitUntilSettledAsync();
        world.Sandbox.Requests.Clear();
    }
}
