using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

/// <summary>Which images <c>plan</c> checks, and which next checks it prints.</summary>
public sealed class RefreshTests
{
    [Fact]
    public async Task Plan_WithoutRefresh_PlansFromTheStoreAndAsksNoRegistry()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world, "web");
        await world.PlanAsync();
        await world.PushAsync("web", "two");
        await DeployAsync(world, "later");
        world.Registry!.Requests.Clear();

        var plan = await world.PlanAsync("--refresh=false", "--output", "json");

        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Empty(world.Registry.Requests.All);
        var document = JsonNode.Parse(plan.Output)!;
        Assert.Equal(["not-observed", "up-to-date"], document["workloads"]!.AsArray().Select(workload => workload!["containers"]![0]!["reason"]!.GetValue<string>()));
        var images = document["images"]!.AsArray();
        Assert.Equal([world.Image("later"), world.Image("web")], images.Select(image => image!["image"]!.GetValue<string>()));
        Assert.Null(images[0]!["lastChecked"]);
        Assert.True(images[1]!["nextCheck"]!.GetValue<DateTimeOffset>() > images[1]!["lastChecked"]!.GetValue<DateTimeOffset>());

        // A plan that checks the registry finds the new digest.
        Assert.Equal(2, (await world.PlanAsync("--detailed-exitcode")).ExitCode);
    }

    [Fact]
    public async Task Plan_RegistryIsBackingOff_PrintsUntilWhenAndSendsNothing()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world, "web");
        await DeployAsync(world, "other");
        world.HostEnvironment["ImageUpdater__Registries__0__MaxConcurrency"] = "1";
        using (world.Registry!.Faults.Add(new RegistryFault { Status = 429, RetryAfter = "600" }))
        {
            world.Registry.Requests.Clear();
            Assert.Matches(@"answered 429 Too Many Requests.* \(next check [-0-9 ]*\d\d:\d\d:\d\dZ\)", (await world.PlanAsync()).Output);
            Assert.Single(world.Registry.Requests.All);
        }

        // The registry would answer now, but it asked another process to back off for ten minutes.
        world.Registry.Requests.Clear();
        Assert.DoesNotContain("Next checks", (await world.PlanAsync()).Output);
        var plan = await world.PlanAsync("--verbose");

        Assert.Empty(world.Registry.Requests.All);
        Assert.Contains("2 skipped", plan.Output);
        Assert.Matches($@"Next checks:\n  {Regex.Escape(world.Registry.Address)}, 2 images: [-0-9 ]*\d\d:\d\d:\d\dZ to [-0-9 ]*\d\d:\d\d:\d\dZ\n", plan.Output);
        Assert.Contains("backing off until", plan.Output);
        var state = await world.RunAsync("state", "show", "image", world.Image("web"));
        Assert.Matches(@"next check    \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", state.Output);
        Assert.Contains("(1 in a row)", state.Output);
    }

    private static async Task DeployAsync(World world, string name)
    {
        await world.PushAsync(name, "one");
        await world.DeployAsync(Manifests.Deployment(name, (name, world.Image(name))).Enabled());
    }
}
