using System.Diagnostics;
using ImageUpdater.Core.Applying;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>SIGTERM at any time: exit code 0 within ten seconds, and the next start continues.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task Stop_WhileItStarts_IsClean()
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment["ImageUpdater__Listen"] = $"localhost:{Web.RunningHost.FreePort()}";
        await using var run = world.Start("run");
        await Eventually.HoldsAsync("it starts", () => Task.FromResult(run.Output.Contains("ImageUpdater ", StringComparison.Ordinal)), () => run.Output + run.Errors);

        var stopped = await run.TerminateAsync();

        Assert.True(stopped is { ExitCode: 0, Errors: "" }, stopped.ToString());
    }

    [Fact]
    public async Task Stop_WhileAPatchIsSlow_WritesItsResultFirst()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");
        var slow = new ClusterFault { Method = "PATCH", Delay = TimeSpan.FromSeconds(2), Times = 1 };
        world.Sandbox!.Faults.Add(slow);

        await using (var stopped = Controller.Start(world))
        {
            await stopped.UntilAsync("a patch is under way", () => world.Sandbox.Faults.IsMet(slow));
            await StopsCleanlyAsync(stopped);
        }

        Assert.Equal(RolloutState.Running, Assert.Single((await StoredState.ReadAsync(world)).Rollouts).State);
        await CarriesOnAsync(world);
    }

    [Fact]
    public async Task Stop_WhileAPatchHangs_LeavesItToTheNextStart()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");
        var patch = new TaskCompletionSource();
        var hanging = new ClusterFault { Method = "PATCH", Hold = patch.Task, OutlivesClient = true, Times = 1 };
        world.Sandbox!.Faults.Add(hanging);

        await using (var stopped = Controller.Start(world))
        {
            await stopped.UntilAsync("a patch is under way", () => world.Sandbox.Faults.IsMet(hanging));
            await StopsCleanlyAsync(stopped);
        }

        patch.SetResult();
        await CarriesOnAsync(world);
    }

    [Fact]
    public async Task Stop_WhileARegistryHangs_EndsTheCycle()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");
        var hanging = new RegistryFault { Delay = TimeSpan.FromMinutes(5), Times = 1 };
        world.Registry!.Faults.Add(hanging);

        await using (var stopped = Controller.Start(world))
        {
            await stopped.UntilAsync("a registry hangs", () => world.Registry.Faults.IsMet(hanging));
            await StopsCleanlyAsync(stopped);
        }

        Assert.Empty(SentRestart.All(world));
        await CarriesOnAsync(world);
    }

    [Fact]
    public async Task Apply_StoppedWhileAPatchIsSlow_WritesItsResultAndSaysThatItStopped()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");
        var slow = new ClusterFault { Method = "PATCH", Delay = TimeSpan.FromSeconds(2), Times = 1 };
        world.Sandbox!.Faults.Add(slow);

        await using (var apply = world.Start("apply", "--namespace", world.Namespace, "--auto-approve"))
        {
            await Eventually.HoldsAsync("a patch is under way", () => Task.FromResult(world.Sandbox.Faults.IsMet(slow)), () => apply.Output + apply.Errors);
            var stopped = await apply.TerminateAsync();
            Assert.True(stopped is { ExitCode: 1, Errors: var errors } && errors.Trim() == "image-updater: interrupted: 1 rollout of 1 still running, and Kubernetes continues it. "
                + "Run image-updater apply to restart what is left, and image-updater history to see the results", stopped.ToString());
        }

        Assert.Equal(RolloutState.Running, Assert.Single((await StoredState.ReadAsync(world)).Rollouts).State);
        await CarriesOnAsync(world);
    }

    private static async Task StopsCleanlyAsync(Controller controller)
    {
        var watch = Stopwatch.StartNew();
        Assert.True(await controller.StopAsync() == 0, controller.Log);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}\n{controller.Log}");
        Assert.DoesNotContain("Exception", controller.Log);
    }

    private static async Task CarriesOnAsync(World world)
    {
        await using var next = Controller.Start(world);
        await next.UntilAsync("the rollout has ended well", async () => (await StoredState.ReadAsync(world)).Newest("web")?.State == RolloutState.Succeeded);
        await next.CyclesAsync();
        await StopsCleanlyAsync(next);
        Assert.Single(SentRestart.Effective(world));
        await (await StoredState.ReadAsync(world)).AgreeWithAsync(world);
    }
}
