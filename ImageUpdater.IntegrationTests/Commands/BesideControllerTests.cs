using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Web;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

/// <summary>Commands with the state store of a running controller, which checks once an hour; and <c>check</c> without one.</summary>
public sealed class BesideControllerTests
{
    [Fact]
    public async Task PlanExplainAndCheck_ControllerRuns_AskIt()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world, ("approval", "required"));
        await using var host = await RunningHost.StartAsync(world, ("CHECK_INTERVAL", "3600"));
        await host.ReadyAsync();

        var second = await world.PushAsync("web", "second");
        var plan = await world.PlanAsync("--full-digests");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains($"sha256:{second[7..]}", plan.Output);
        Assert.Contains("1 held", plan.Output);
        Assert.Contains("To approve a digest: image-updater approve KIND/NAME", plan.Output);

        var third = await world.PushAsync("web", "third");
        Assert.DoesNotContain(third, (await world.PlanAsync("--refresh=false", "--full-digests")).Output);
        var explain = await world.RunAsync("explain", "deployment/web", "--namespace", world.Namespace);
        Assert.True(explain.ExitCode == 0 && explain.Errors.Length == 0, explain.ToString());
        Assert.Contains(third, explain.Output);

        var fourth = await world.PushAsync("web", "fourth");
        foreach (var what in (string[][])[["check", "web", "-n", world.Namespace], ["check", world.Image("web")], ["check"]])
        {
            var check = await world.RunAsync([.. what, "-o", "wide"]);
            Assert.True(check.ExitCode == 0, check.ToString());
            Assert.Contains(fourth, check.Output);
        }

        var wrong = await world.RunAsync("check", "deployment/wbe");
        Assert.Equal(1, wrong.ExitCode);
        Assert.StartsWith("image-updater: no enabled workload tracks such an image", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("is in use by image-updater run", (await world.ApplyAsync()).Errors);
        Assert.Null(await world.RestartedAtAsync("Deployment", "web"));
    }

    [Fact]
    public async Task Plan_ControllerElsewhere_SaysWhereItLookedAndWhoUsesTheStore()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        await using var host = await RunningHost.StartAsync(world);
        await host.ReadyAsync();
        world.HostEnvironment["ImageUpdater__Listen"] = $"127.0.0.1:{RunningHost.FreePort()}";

        var plan = await world.PlanAsync();
        var explain = await world.RunAsync("explain", "web", "--namespace", world.Namespace);

        Assert.Equal(1, plan.ExitCode);
        Assert.Contains($"no controller answers at http://{world.HostEnvironment["ImageUpdater__Listen"]}/", plan.Errors);
        Assert.Contains("is in use by image-updater run", plan.Errors);
        Assert.Equal(0, explain.ExitCode);
        Assert.Contains("the last observations in the store are used: no controller answers", explain.Errors);
    }

    [Fact]
    public async Task Check_NoController_ChecksOnlyWhatIsNamedAndChangesNothing()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        await world.PushAsync("other", "first");
        await world.DeployAsync(Manifests.Deployment("other", ("app", world.Image("other"))).Enabled());
        await world.PlanAsync();
        var (second, asked) = (await world.PushAsync("web", "second"), world.Registry!.Requests.Count("HEAD"));

        var check = await world.RunAsync("check", "deployment/web", "--namespace", world.Namespace, "-o", "json");

        Assert.True(check.ExitCode == 0, check.ToString());
        Assert.Equal(second, Assert.Single(JsonNode.Parse(check.Output)!["items"]!.AsArray())!["digest"]!.GetValue<string>());
        Assert.Equal(asked + 1, world.Registry.Requests.Count("HEAD"));
        Assert.Null(await world.RestartedAtAsync("Deployment", "web"));
    }

    [Fact]
    public async Task Check_ImageThatCannotBeChecked_ExitsWithOne()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        using var down = world.Registry!.Faults.Add(new RegistryFault { Status = 500 });

        var check = await world.RunAsync("check");

        Assert.Equal(1, check.ExitCode);
        Assert.Contains("500", check.Output);
    }

    private static async Task DeployAsync(World world, params (string, string)[] annotations)
    {
        await world.PushAsync("web", "first");
        await world.DeployAsync(Manifests.Deployment("web", ("app", world.Image("web"))).Enabled(annotations));
        await world.Sandbox!.WaitUntilSettledAsync();
    }
}
