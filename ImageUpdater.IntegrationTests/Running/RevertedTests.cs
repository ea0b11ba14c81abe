using System.Text.Json.Nodes;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Somebody takes restartedAt off the template again (case 08), and <c>retry</c>.</summary>
public sealed class RevertedTests
{
    [Fact]
    public async Task Apply_AnOperatorTakesItBack_IsRevertedAndHeldAndNothingSaysUpToDate()
    {
        await using var world = await World.StartSandboxAsync();
        var (old, pushed) = await DeployAndPushAsync(world);
        HostResult apply;
        await using (Operator.Start(world, "deployment", "zz-operator"))
            apply = await world.ApplyAsync();

        Assert.True(apply.ExitCode == 3, apply.ToString());
        var output = apply.Output.ReplaceLineEndings(" ");
        Assert.Contains("restartedAt was removed (probably by zz-operator)", output);
        Assert.Contains($"reports {Short(old)} for web, not {Short(pushed)}", output);
        var state = await StoredState.ReadAsync(world);
        Assert.Equal(RolloutState.Reverted, Assert.Single(state.Rollouts).State);
        Assert.Single(state.Of(AuditAction.RolloutReverted));

        foreach (var told in new[] { await world.PlanAsync("--detailed-exitcode"), await world.RunAsync("explain", "deployment/web"), await world.RunAsync("state", "list") })
        {
            Assert.Equal(0, told.ExitCode);
            Assert.DoesNotContain("up to date", told.Output);
            Assert.Contains(Short(old), told.Output);
            Assert.Contains(Short(pushed), told.Output);
        }

        // Without the operator, a retry brings it; nothing else is held any more.
        var retry = await world.RunAsync("retry", "deployment/web");
        Assert.True(retry.ExitCode == 0, retry.ToString());
        Assert.Contains(Short(pushed), retry.Output);
        Assert.Contains("a retry was already requested", (await world.RunAsync("retry", "deployment/web", "--namespace", world.Namespace)).Output);
        world.HostEnvironment["AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS"] = "true";
        var again = await world.ApplyAsync();
        Assert.True(again.ExitCode == 0, again.ToString());
        state = await StoredState.ReadAsync(world);
        Assert.Equal((RolloutState.Succeeded, RolloutVerification.Verified), (state.Newest("web")!.State, state.Newest("web")!.Verification));
        Assert.Single(state.Of(AuditAction.RetryRequested));
        Assert.Equal(2, SentRestart.All(world).Count);
        Assert.Equal(1, (await world.RunAsync("retry", "deployment/web")).ExitCode);
        Assert.Empty(await state.ProblemsAsync());
    }

    [Fact]
    public async Task Run_AnOperatorTakesItBack_DoesNotLoopAndARetryIsCarriedOutWhileItRuns()
    {
        await using var world = await World.StartSandboxAsync();
        await using var run = Controller.Start(world);
        await DeployAndPushAsync(world, run.UntilReadyAsync);
        await using (Operator.Start(world, "deployment", "zz-operator"))
        {
            await run.UntilAsync("it is held", async () => (await run.GetAsync("/metrics")).Body.Contains("image_updater_holds{reason=\"reverted\"} 1", StringComparison.Ordinal));
            await run.CyclesAsync();
            Assert.Contains("outcome=\"reverted\"} 1", (await run.GetAsync("/metrics")).Body);
            Assert.Single(SentRestart.All(world));
            await run.UntilAsync("there is a warning", async () => (await world.Api.GetAsync($"/apis/events.k8s.io/v1/namespaces/{world.Namespace}/events"))["items"]!.AsArray()
                .Any(item => (string?)item!["reason"] == "RolloutReverted" && (string?)item["type"] == "Warning"));

            // Reverted again: once for the retry, and held again.
            var retry = await world.RunAsync("retry", "deployment/web", "--namespace", world.Namespace);
            Assert.True(retry.ExitCode == 0, retry.ToString());
            Assert.Contains("retry requested", retry.Output);
            await run.UntilAsync("it is reverted again", async () => (await StoredState.ReadAsync(world)).Of(AuditAction.RolloutReverted).Count == 2);
            await run.CyclesAsync();
            Assert.Equal(2, SentRestart.All(world).Count);
        }

        await PullAlwaysAsync(world);
        await run.UntilAsync("the pods run it, so it is released", async () => (await StoredState.ReadAsync(world)).Of(AuditAction.HoldReleased).Count == 1);
        Assert.Equal(0, await run.StopAsync());
        Assert.Equal(2, SentRestart.All(world).Count);
    }

    [Fact]
    public async Task Run_RestartIsTakenBackAfterItSucceeded_IsReverted()
    {
        await using var world = await World.StartSandboxAsync();
        var workload = Manifests.StatefulSet("web", ("web", world.Image("web"))).Enabled();
        workload["spec"]!["updateStrategy"] = new JsonObject { ["type"] = "OnDelete" };
        await world.PushAsync("web", "one");
        await world.DeployAsync(workload);
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        await world.PushAsync("web", "two");
        await run.UntilAsync("it succeeds", async () => (await StoredState.ReadAsync(world)).Newest("web")?.State == RolloutState.Succeeded);

        await world.MergeAsync("StatefulSet", "web", Without());
        await run.UntilAsync("it is reverted", async () => (await StoredState.ReadAsync(world)).Newest("web")?.State == RolloutState.Reverted);
        await run.CyclesAsync();
        Assert.Equal(0, await run.StopAsync());
        Assert.Single(SentRestart.All(world));
        Assert.Contains("the rollout succeeded; later, restartedAt was removed", (await world.RunAsync("state", "list")).Output);
    }

    [Fact]
    public async Task Run_RestartIsTakenBackAndThePodsPullTheDigest_StaysASuccess()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        var pushed = await world.PushAsync("web", "two");
        await run.UntilAsync("it succeeds", async () => (await StoredState.ReadAsync(world)).Newest("web")?.State == RolloutState.Succeeded);

        await world.MergeAsync("Deployment", "web", Without());
        await Eventually.HoldsAsync("it rolls back", () => world.IsRolledOutAsync("Deployment", "web"));
        await run.CyclesAsync();
        Assert.Equal(0, await run.StopAsync());
        Assert.Equal(RolloutState.Succeeded, (await StoredState.ReadAsync(world)).Newest("web")!.State);
        await world.AllRunAsync("web", pushed);
    }

    [Fact]
    public async Task Retry_NothingIsHeldOrTheWorkloadIsAmbiguous_SaysSo()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);

        var nothing = await world.RunAsync("retry", "deployment/web");
        Assert.Equal(1, nothing.ExitCode);
        Assert.Contains("nothing to retry for deployment/web: no digest is quarantined, reverted or held as a mismatch", nothing.Errors);
        Assert.Contains("nothing to retry for web: ", (await world.RunAsync("retry", "web")).Errors);
    }

    /// <summary>The nodes keep their image, so that the old template brings the old digest back.</summary>
    private static async Task<(string Old, string Pushed)> DeployAndPushAsync(World world, Func<Task>? then = null)
    {
        var old = await world.DeployRolledOutAsync("web", workload =>
        {
            workload["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"] = "IfNotPresent";
            return workload;
        });
        if (then is not null)
            await then();
        return (old, await world.PushAsync("web", "two"));
    }

    private static Task PullAlwaysAsync(World world) => world.MergeAsync("Deployment", "web", JsonNode.Parse(
        $$$"""{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"{{{world.Image("web")}}}","imagePullPolicy":"Always"}]} } } }""")!.AsObject());

    private static JsonObject Without(string? also = null) => JsonNode.Parse(
        $$$"""{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":null{{{also}}} } } } } }""")!.AsObject();

    private static string Short(string digest) => digest[..19];

    /// <summary>Takes restartedAt off again as soon as it sees it, and writes an annotation of its own.</summary>
    private sealed class Operator : IAsyncDisposable
    {
        private readonly CancellationTokenSource stopping = new();
        private Task works = Task.CompletedTask;

        public static Operator Start(World world, string kind, string manager)
        {
            var started = new Operator();
            started.works = started.WorkAsync(world, kind, manager);
            return started;
        }

        public async ValueTask DisposeAsync()
        {
            await stopping.CancelAsync();
            await works;
            stopping.Dispose();
        }

        private async Task WorkAsync(World world, string kind, string manager)
        {
            for (var count = 1; !stopping.IsCancellationRequested; count++)
            {
                if (await world.RestartedAtAsync(kind, "web") is not null)
                    await world.MergeAsync(kind, "web", Without($",\"example.org/revision\":\"{count}\""), manager);
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }
}
