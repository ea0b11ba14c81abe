using System.Text.Json.Nodes;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Rollouts after which the pods run another digest, on nodes that have the old image (case 22).</summary>
public sealed class MismatchTests
{
    [Fact]
    public async Task Apply_NodeUsesItsCachedImage_IsAMismatchAndNothingSaysUpToDate()
    {
        await using var world = await World.StartSandboxAsync();
        var old = await world.DeployRolledOutAsync("web", Cached);
        var pushed = await world.PushAsync("web", "two");

        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 3, apply.ToString());
        Assert.Contains($"reports {Short(old)} for web, not {Short(pushed)}: with imagePullPolicy IfNotPresent", apply.Output.ReplaceLineEndings(" "));
        var state = await StoredState.ReadAsync(world);
        Assert.Equal((RolloutState.Mismatch, RolloutVerification.Mismatch), (state.Newest("web")!.State, state.Newest("web")!.Verification));
        Assert.Single(state.Of(AuditAction.RolloutMismatch));

        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        foreach (var told in new[] { plan, await world.RunAsync("explain", "deployment/web"), await world.RunAsync("state", "list") })
        {
            Assert.DoesNotContain("up to date", told.Output);
            Assert.Contains(Short(old), told.Output);
            Assert.Contains(Short(pushed), told.Output);
        }

        Assert.Contains("rollout mismatch", (await world.RunAsync("history", "deployment/web")).Output);
        Assert.Contains("| Mismatch |", (await world.RunAsync("report", "--namespace", world.Namespace)).Output);
        Assert.Empty(await state.ProblemsAsync());
    }

    [Fact]
    public async Task Run_Mismatch_IsHeldUntilThePodsRunItOrAnotherIsServed()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web", Cached);
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        await world.PushAsync("web", "two");
        await run.UntilAsync("it is held", async () => (await run.GetAsync("/metrics")).Body.Contains("image_updater_holds{reason=\"mismatch\"} 1", StringComparison.Ordinal));
        Assert.Contains("outcome=\"mismatch\"} 1", (await run.GetAsync("/metrics")).Body);
        await run.CyclesAsync();
        Assert.Single(SentRestart.All(world));
        await run.UntilAsync("there is a warning", async () => (await world.Api.GetAsync($"/apis/events.k8s.io/v1/namespaces/{world.Namespace}/events"))["items"]!.AsArray()
            .Any(item => (string?)item!["reason"] == "RolloutMismatch" && (string?)item["type"] == "Warning"));

        // Somebody sets the policy: that is a rollout of its own, and its pods run the digest.
        await world.MergeAsync("Deployment", "web", JsonNode.Parse("""{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"IMAGE","imagePullPolicy":"Always"}]}}}}"""
            .Replace("IMAGE", world.Image("web"), StringComparison.Ordinal))!.AsObject());
        await run.UntilAsync("it is released", async () => (await StoredState.ReadAsync(world)).Of(AuditAction.HoldReleased).Count == 1);
        await run.UntilAsync("and not held", async () => (await run.GetAsync("/metrics")).Body.Contains("image_updater_holds{reason=\"mismatch\"} 0", StringComparison.Ordinal));

        await world.PushAsync("web", "three");
        await run.UntilAsync("the next is rolled out", async () => (await StoredState.ReadAsync(world)).Newest("web") is { State: RolloutState.Succeeded });
        Assert.Equal(0, await run.StopAsync());
        Assert.Equal(2, SentRestart.All(world).Count);
    }

    [Fact]
    public async Task Apply_OnDelete_IsUnverifiedAndSaysHowManyPodsWait()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web", _ =>
        {
            var workload = Manifests.StatefulSet("web", ("web", world.Image("web"))).Enabled();
            workload["spec"]!["replicas"] = 3;
            workload["spec"]!["updateStrategy"] = new JsonObject { ["type"] = "OnDelete" };
            return workload;
        });
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        await world.PushAsync("web", "two");

        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("3 of 3 pods wait to be deleted", apply.Output);
        Assert.Equal((RolloutState.Succeeded, RolloutVerification.Unverified), ((await StoredState.ReadAsync(world)).Newest("web") is { } newest ? (newest.State, newest.Verification) : default));
        // The history below says, truly, that it was up to date before the push.
        var decision = (await world.RunAsync("explain", "statefulset/web")).Output.Split("adopted:")[0];
        Assert.Contains("3 of 3 pods wait to be deleted", decision);
        Assert.DoesNotContain("up to date", decision);
        Assert.Contains("3 of 3 pods wait to be deleted", (await world.RunAsync("state", "list")).Output);
    }

    private static JsonObject Cached(JsonObject workload)
    {
        workload["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"] = "IfNotPresent";
        return workload;
    }

    private static string Short(string digest) => digest[..19];
}
