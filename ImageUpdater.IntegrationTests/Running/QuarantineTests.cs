using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>A failed rollout and its quarantine.</summary>
public sealed class QuarantineTests
{
    [Fact]
    public async Task Run_PinPrevious_PutsBackWhatRanAndReturnsToTheTag()
    {
        await using var world = await World.StartSandboxAsync();
        var good = await world.DeployRolledOutAsync("web", workload => workload.Deadline(1).Enabled(("on-failure", "pin-previous")));
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        var broken = await world.PushAsync("web", "broken");
        world.Sandbox!.BreakImage(broken);

        await run.UntilAsync("the digest before is put back", async () => await ImageAsync(world) == $"{world.Image("web")}@{good}");
        await run.UntilAsync("and runs", async () => (await StoredState.ReadAsync(world)).Newest("web") is { State: RolloutState.Succeeded, Verification: RolloutVerification.Verified });
        await run.CyclesAsync();
        Assert.Equal($"web:{broken}", await world.AnnotationAsync("Deployment", "web", "last-digest"));
        Assert.Equal($"web:{good}", await world.AnnotationAsync("Deployment", "web", "pinned-digest"));
        Assert.Equal(2, SentRestart.All(world).Count);

        var next = await world.PushAsync("web", "mended");
        await run.UntilAsync("it returns to its tag", async () => await ImageAsync(world) == world.Image("web") && await world.IsRolledOutAsync("Deployment", "web"));
        await run.UntilAsync("no rollout is open", async () => (await StoredState.ReadAsync(world)).Rollouts.All(rollout => rollout.EndedAt is not null));
        await run.CyclesAsync();
        Assert.Equal(0, await run.StopAsync());

        Assert.Null(await world.AnnotationAsync("Deployment", "web", "pinned-digest"));
        Assert.Equal($"web:{next}", await world.AnnotationAsync("Deployment", "web", "last-digest"));
        Assert.Contains(await world.RunningAsync("web"), imageId => imageId.EndsWith(next, StringComparison.Ordinal));
        var state = await StoredState.ReadAsync(world);
        Assert.Equal(3, state.Of(AuditAction.Restarted).Count);
        Assert.Equal(3, SentRestart.All(world).Count);
        Assert.Single(state.Of(AuditAction.Quarantined));
        Assert.Contains(state.Of(AuditAction.Restarted), record => record.Message.StartsWith("pinned to previous", StringComparison.Ordinal));
        Assert.Empty(await state.ProblemsAsync());
    }

    [Fact]
    public async Task Apply_PinPrevious_PutsBackAndSaysSo()
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment["ImageUpdater__MaxRollouts"] = "2";
        var good = await world.DeployRolledOutAsync("web", workload => workload.Deadline(1).Enabled(("on-failure", "pin-previous")));
        await world.DeployRolledOutAsync("kept", workload => workload.Deadline(1));
        await world.DeployRolledOutAsync("more");
        var broken = await world.PushAsync("web", "broken");
        world.Sandbox!.BreakImage(broken);
        world.Sandbox.BreakImage(await world.PushAsync("kept", "broken too"));
        await world.PushAsync("more", "two");

        var apply = await world.ApplyAsync();

        Assert.True(apply.ExitCode == 3, apply.ToString());
        var lines = apply.Output.Split('\n').Select(line => line.Trim()).ToList();
        var web = $"{world.Namespace}/deployment/web: ";
        Assert.Contains(lines, line => line.StartsWith($"x {web}the rollout exceeded its progress deadline", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"! {web}web: the rollout to {broken[..19]}", StringComparison.Ordinal) && line.Contains($"pinning to {good[..19]}", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"ok {web}rolled out", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"ok {world.Namespace}/deployment/more: rolled out", StringComparison.Ordinal));
        Assert.Equal($"{world.Image("web")}@{good}", await ImageAsync(world));
        await world.AllRunAsync("web", good);
        Assert.Equal(4, SentRestart.All(world).Count);
        var state = await StoredState.ReadAsync(world);
        Assert.DoesNotContain(state.Rollouts, rollout => rollout.EndedAt is null);
        Assert.Empty(await state.ProblemsAsync());

        var again = await world.ApplyAsync();
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Equal(4, SentRestart.All(world).Count);
    }

    [Fact]
    public async Task Explain_RollBackIsDue_NamesTheDigestThatIsServed()
    {
        await using var world = await World.StartSandboxAsync();
        var good = await world.DeployRolledOutAsync("web", workload => workload.Deadline(1).Enabled(("on-failure", "quarantine")));
        var broken = await world.PushAsync("web", "broken");
        world.Sandbox!.BreakImage(broken);
        Assert.Equal(3, (await world.ApplyAsync()).ExitCode);
        await world.AnnotateAsync("Deployment", "web", "on-failure", "pin-previous");
        await world.UntilObservedAsync();

        var explained = (await world.RunAsync("explain", "deployment/web", "--namespace", world.Namespace)).Output;

        Assert.Contains($"pinning to {good[..19]}", explained);
        Assert.Matches($"served +{broken} since", explained);
    }

    [Fact]
    public async Task Run_RolloutFails_HoldsAllWithTheImageUntilItIsForgotten()
    {
        await using var world = await World.StartSandboxAsync();
        var good = await world.PushAsync("shared", "one");
        await world.DeployAsync(Shared(world, "first", good).Deadline(1));
        await world.DeployAsync(Shared(world, "second", good).Enabled(("window", "always")));
        await world.AnnotateAsync("Deployment", "second", "approval", "required");
        var broken = await world.PushAsync("shared", "broken");
        world.Sandbox!.BreakImage(broken);

        await using (var run = Controller.Start(world))
        {
            await run.UntilAsync("the first fails", async () => (await StoredState.ReadAsync(world)).Newest("first")?.State == RolloutState.Failed);
            await world.AnnotateAsync("Deployment", "second", "approval", null);
            await run.UntilAsync("the second is held for it", async () => (await world.RunAsync("history", "deployment/second")).Output.Contains("deployment/first to sha256:", StringComparison.Ordinal));
            var (_, report) = await run.GetAsync("/reports/1d.md");
            Assert.Contains("quarantined", report, StringComparison.OrdinalIgnoreCase);
            await run.CyclesAsync();
            Assert.Single(SentRestart.All(world));
            Assert.Equal(0, await run.StopAsync());
        }

        var forgotten = await world.RunAsync("state", "forget", "deployment/first", "--namespace", world.Namespace);
        Assert.True(forgotten.ExitCode == 0, forgotten.ToString());
        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.Equal(2, plan.ExitCode);
        Assert.Contains("second", plan.Output);
        // Its annotation last-digest still names the digest.
        Assert.Contains("because retry requested by ", plan.Output);
        Assert.Single((await StoredState.ReadAsync(world)).Of(AuditAction.RetryRequested));
    }

    [Fact]
    public async Task Run_TagReturnsToTheDigestThatFailed_IsNotRolledOutTwice()
    {
        await using var world = await World.StartSandboxAsync();
        var good = await world.DeployRolledOutAsync("web", workload => workload.Deadline(1));
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        var broken = await world.PushAsync("web", "broken");
        world.Sandbox!.BreakImage(broken);
        await run.UntilAsync("it fails", async () => (await StoredState.ReadAsync(world)).Newest("web")?.State == RolloutState.Failed);

        Assert.Equal(good, await world.PushAsync("web", "one"));
        // The kubelet pulls the tag again for the crashing pod, or a restart brings it, whichever is first.
        await run.UntilAsync("the good one runs", async () =>
            await world.IsRolledOutAsync("Deployment", "web") && (await world.RunningAsync("web")) is { Count: > 0 } running
            && running.All(imageId => imageId.EndsWith(good, StringComparison.Ordinal)));
        await run.CyclesAsync();
        await world.PushAsync("web", "broken");
        await run.UntilAsync("it is held", async () => (await world.RunAsync("history", "deployment/web")).Output.Contains("a restart would roll it out again", StringComparison.Ordinal));
        await run.CyclesAsync();
        Assert.Equal(0, await run.StopAsync());
        var state = await StoredState.ReadAsync(world);
        Assert.Single(state.Rollouts, rollout => rollout.Changes.Any(change => change.To.Value == broken));
        Assert.Empty(state.Of(AuditAction.QuarantineLifted));
    }

    [Fact]
    public async Task Run_BrokenPodOfAStatefulSetBlocksTheNextRevision_NamesThePodToDelete()
    {
        await using var world = await World.StartSandboxAsync();
        var good = await world.PushAsync("db", "one");
        await world.DeployAsync(Manifests.StatefulSet("db", ("db", world.Image("db"))).Enabled(("last-digest", $"db:{good}"), ("on-failure", "pin-previous"), ("rollout-timeout", "1s")));
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();
        world.Sandbox!.BreakImage(await world.PushAsync("db", "broken"));

        await run.UntilAsync("the pinned revision is blocked", async () => (await StoredState.ReadAsync(world)).Rollouts.Count(rollout => rollout.State == RolloutState.TimedOut) == 2);
        Assert.Equal(0, await run.StopAsync());
        var outcomes = (await StoredState.ReadAsync(world)).Rollouts.OrderBy(rollout => rollout.StartedAt).Select(rollout => rollout.Outcome).ToList();
        Assert.Contains("CrashLoopBackOff", outcomes[0]);
        Assert.Contains($"run kubectl delete pod db-0 --namespace {world.Namespace}", outcomes[0]);
        Assert.Contains("pod db-0 of an earlier revision is not ready", outcomes[1]);
    }

    private static System.Text.Json.Nodes.JsonObject Shared(World world, string name, string digest) =>
        Manifests.Deployment(name, ("app", world.Image("shared"))).Enabled(("last-digest", $"app:{digest}"));

    private static async Task<string> ImageAsync(World world) =>
        (await world.GetAsync("Deployment", "web"))["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.GetValue<string>();
}
