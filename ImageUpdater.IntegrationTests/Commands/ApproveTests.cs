using ImageUpdater.IntegrationTests.BadInput;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Running;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

public sealed class ApproveTests
{
    [Fact]
    public async Task Approve_HeldWorkload_ShowsItAndWritesTheAnnotationThatLetsItRestart()
    {
        await using var world = await World.StartSandboxAsync();
        var one = await world.DeployRolledOutAsync("web", workload => workload.Enabled(("approval", "required"), ("approved-digest", $"sidecar:sha256:{new string('a', 64)}")));
        await world.DeployRolledOutAsync("free");
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        Message.Of(await ApproveAsync(world, "deployment/web"), "nothing to approve for deployment/web; run image-updater approve --list");
        var two = await world.PushAsync("web", "two");

        var list = await ApproveAsync(world, "--list");
        Assert.Matches($@"^WORKLOAD +CONTAINER +IMAGE +FROM +TO\n{world.Namespace}/deployment/web +web +.* +{one[..19]} +{two[..19]}\n$", list.Output);
        Message.Of(await ApproveAsync(world, "deployment/free"), "nothing to approve for deployment/free");
        Message.Of(await ApproveAsync(world, "deployment/wep"), "did you mean deployment/web?");
        Message.Of(await ApproveAsync(world), "say which workload to approve, for example deployment/web; approve --list shows them");
        Message.Of(await ApproveAsync(world, "web", "--digest", one, "--auto-approve"), $"'{one}' is not what would be rolled out: web {two}");

        // A conflict is met by reading again, so that what was approved meanwhile stays.
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "PATCH", Status = 409, Times = 1 });
        var approved = await ApproveAsync(world, "web", "--digest", two[7..14], "--auto-approve");
        Assert.True(approved.ExitCode == 0, approved.ToString());
        Assert.Contains($"    {one}\n -> {two}\n", approved.Output);
        Assert.EndsWith($"{world.Namespace}/deployment/web: approved. Run image-updater apply to restart it.\n", approved.Output);
        Assert.Equal($"sidecar:sha256:{new string('a', 64)},web:{two}", await world.AnnotationAsync("Deployment", "web", "approved-digest"));
        Assert.Null(await world.RestartedAtAsync("Deployment", "web"));

        await world.UntilObservedAsync();
        Assert.Equal(0, (await world.ApplyAsync()).ExitCode);
        Assert.Equal("deployments/web", Assert.Single(SentRestart.All(world)).Workload);
    }

    [Fact]
    public async Task Approve_BesideAController_IsRestartedByIt()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web", workload => workload.Enabled(("approval", "required")));
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        await world.PushAsync("web", "two");
        await run.UntilAsync("it is held", async () => (await ApproveAsync(world, "--list")).Output.Contains("deployment/web", StringComparison.Ordinal));

        var approved = await ApproveAsync(world, "web", "--auto-approve");

        Assert.True(approved.ExitCode == 0, approved.ToString());
        Assert.Contains("approved. The controller restarts it in its next cycle", approved.Output);
        await run.UntilAsync("it is restarted", () => Task.FromResult(SentRestart.All(world).Count == 1));
        Assert.Equal(0, await run.StopAsync());
    }

    [Fact]
    public async Task Approve_WithoutTheRight_SaysWhichIsMissing()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web", workload => workload.Enabled(("approval", "required")));
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        await world.PushAsync("web", "two");
        world.Sandbox!.Forbidden = [new("patch", "deployments")];

        Message.Of(await ApproveAsync(world, "web", "--auto-approve"), "cannot annotate", "is forbidden: User ");

        Assert.Null(await world.AnnotationAsync("Deployment", "web", "approved-digest"));
    }

    private static Task<HostResult> ApproveAsync(World world, params string[] arguments) => world.RunAsync(["approve", .. arguments]);
}
