using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>A tag that goes back and forth between two digests.</summary>
public sealed class FlappingTests
{
    [Fact]
    public async Task Apply_TagThatFlaps_IsHeldFromTheThirdReturnUntilItIsQuiet()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        var first = world.Registry!.DigestOf($"{world.Namespace}/web", "latest");
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        await world.PushAsync("web", "two");
        Assert.Equal(0, (await world.ApplyAsync()).ExitCode);

        // Somebody tags the old image again, and the new one.
        foreach (var content in new[] { "one", "two" })
        {
            await world.PushAsync("web", content);
            Assert.Equal(0, (await world.ApplyAsync()).ExitCode);
        }

        Assert.Equal(3, SentRestart.All(world).Count);
        await world.PushAsync("web", "one");
        Assert.Equal(first, world.Registry.DigestOf($"{world.Namespace}/web", "latest"));
        Assert.Contains("the tag is flapping: it returned to an earlier digest 3 times within 30m", (await world.ApplyAsync()).Output);

        // Another process knows it from the store.
        await using (var run = Controller.Start(world))
        {
            await run.UntilReadyAsync();
            foreach (var content in new[] { "two", "one", "two", "one" })
            {
                var digest = await world.PushAsync("web", content);
                await run.UntilAsync("it is observed", async () =>
                    (await world.RunAsync("state", "show", "image", world.Image("web"))).Output.Contains($"digest        {digest}", StringComparison.Ordinal));
            }

            await run.CyclesAsync();
            var (_, metrics) = await run.GetAsync("/metrics");
            Assert.Contains("image_updater_holds{reason=\"flapping\"} 1", metrics);
            await run.UntilAsync("it is an event", async () => (await world.Api.GetAsync($"/apis/events.k8s.io/v1/namespaces/{world.Namespace}/events"))["items"]!.AsArray()
                .Any(item => ((string?)item!["reason"], (string?)item["type"]) == ("Flapping", "Warning")));
            Assert.Equal(0, await run.StopAsync());
        }

        Assert.Equal(3, SentRestart.All(world).Count);
        var state = await StoredState.ReadAsync(world);
        Assert.Contains(state.Of(AuditAction.DecisionChanged), record => record.Decision?.Reason == Core.Plans.DecisionReason.Flapping);

        world.HostEnvironment["ImageUpdater__FlapStabilization"] = "1s";
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Equal(0, (await world.ApplyAsync()).ExitCode);
        Assert.Equal(first, SentRestart.All(world)[^1].LastDigest["web"]);
        Assert.Equal(4, SentRestart.All(world).Count);
    }
}
