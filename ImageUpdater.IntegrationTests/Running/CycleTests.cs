using System.Net;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <c>run</c> apart from single restarts: one request per image and cycle, concurrent rollouts, the web endpoints.
public sealed class CycleTests
{
    [Fact]
    public async Task Run_WorkloadsThatShareAnImage_AsksOnceForEachImageAndCycle()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("shared", "one");
        await world.PushAsync("own", "one");
        for (var i = 0; i < 5; i++)
            await world.DeployAsync(Manifests.Deployment($"app{i}", ("app", world.Image("shared"))).Enabled());
        await world.DeployAsync(Manifests.Deployment("other", ("app", world.Image("own"))).Enabled());

        await using var run = Controller.Start(world);
        await run.UntilAsync("three cycles", () => Asked("own") >= 3);
        Assert.Equal(0, await run.StopAsync());

        // Each image has its own jitter, so one may be a few checks ahead. One request per workload would be fifteen.
        Assert.InRange(Asked("shared"), 1, Asked("own") + 3);
        Assert.All(world.Registry!.Requests.All, request => Assert.Equal("HEAD", request.Method));

        int Asked(string name) => world.Registry!.Requests.Count("HEAD", $"/v2/{world.Namespace}/{name}/");
    }

    [Fact]
    public async Task Run_ApiIsAwayDuringARestart_IsRepeatedAtTheNextTickAndNotAfterTheInterval()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        var push = await world.PushAsync("web", "two");
        // The read before the patch, with its two retries.
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "GET", PathContains = "/deployments/web", CutBefore = true, Times = 3 });

        // A tick is a tenth of the interval, which is longer than the test waits.
        await using var run = Controller.Start(world, ("CHECK_INTERVAL", "100"), ("ImageUpdater__Registries__0__Interval", "7.00:00:00"));
        await run.UntilAsync("it is restarted", () => EndedAsync(world, "web", RolloutState.Succeeded));
        Assert.Equal(0, await run.StopAsync());

        var rollout = (await StoredState.ReadAsync(world)).Newest("web")!;
        Assert.Contains(push, rollout.LastDigest);
        Assert.Single(SentRestart.Effective(world));
        Assert.Contains("Failed: the Kubernetes API", run.Log);
    }

    [Fact]
    public async Task Run_RolloutsThatHangOrFail_BlockNothingAndEndAsWhatTheyAre()
    {
        await using var world = await World.StartSandboxAsync();
        string[] names = ["deleted", "fails", "hangs", "superseded"];
        foreach (var name in names)
            await world.DeployRolledOutAsync(name, workload => name == "fails" ? workload.Deadline(seconds: 1) : workload);
        await world.DeployRolledOutAsync("works");
        foreach (var name in names)
            world.Sandbox!.BreakImage(await world.PushAsync(name, "broken"));

        await using (var run = Controller.Start(world, ("ImageUpdater__MaxRollouts", "9"), ("ImageUpdater__MaxRolloutsPerNamespace", "9")))
        {
            await run.UntilAsync("the broken ones roll out", () => SentRestart.Effective(world).Count == names.Length);
            await world.PushAsync("works", "two");
            await run.UntilAsync("another is restarted meanwhile", () => EndedAsync(world, "works", RolloutState.Succeeded));
            Assert.Equal(RolloutState.Running, (await StoredState.ReadAsync(world)).Newest("hangs")?.State);
            await world.DeleteAsync("Deployment", "deleted");
            await world.MergeAsync("Deployment", "superseded", RestartedByHand());
            await run.UntilAsync("it fails", () => EndedAsync(world, "fails", RolloutState.Failed));
            await run.UntilAsync("it is gone", () => EndedAsync(world, "deleted", RolloutState.WorkloadGone));
            await run.UntilAsync("it is superseded", () => EndedAsync(world, "superseded", RolloutState.Superseded));
            Assert.Equal(0, await run.StopAsync());
        }

        await world.AnnotateAsync("Deployment", "hangs", "rollout-timeout", "1s");
        await using (var impatient = Controller.Start(world))
        {
            await impatient.UntilAsync("it is timed out", () => EndedAsync(world, "hangs", RolloutState.TimedOut));
            await impatient.CyclesAsync();
            var (_, report) = await impatient.GetAsync("/reports/1d.md");
            Assert.Contains("exceeded its progress deadline", report);
            Assert.Contains("timed out after", report);
            Assert.Equal(0, await impatient.StopAsync());
        }

        var state = await StoredState.ReadAsync(world);
        Assert.Equal(names.Length + 1, state.Of(AuditAction.Restarted).Count);
        Assert.Equal(names.Length + 1, SentRestart.All(world).Count);
        Assert.Empty(await state.ProblemsAsync());
        var history = await world.RunAsync("history", "deployment/fails");
        Assert.Contains("rollout failed: the rollout exceeded its progress deadline", history.Output);
    }

    [Fact]
    public async Task Run_ApiIsDownAtItsStart_IsReadyOnceItHasObserved()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        var down = world.Sandbox!.Faults.Add(new ClusterFault { CutBefore = true });
        var first = new TaskCompletionSource();
        var observing = new RegistryFault { Hold = first.Task, Times = 1 };
        world.Registry!.Faults.Add(observing);

        await using var run = Controller.Start(world);
        await run.UntilAsync("it listens", async () => (await run.GetAsync("/healthz")).Status == HttpStatusCode.OK);
        await run.UntilAsync("it says what is wrong", async () => (await run.GetAsync("/readyz")).Body.Contains("could not be reached", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await run.GetAsync("/readyz")).Status);

        down.Dispose();
        await run.UntilAsync("it observes", () => world.Registry.Faults.IsMet(observing));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await run.GetAsync("/readyz")).Status);
        first.SetResult();
        await run.UntilReadyAsync();
        foreach (var (path, contained) in new[] { ("/", "<html"), ("/reports", "<html"), ("/reports/1d", "<html"), ("/reports/1d.md", "# ") })
        {
            var (status, body) = await run.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains(contained, body);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await run.GetAsync("/reports/rubbish")).Status);
    }

    [Fact]
    public async Task Run_BesideIt_WritersAreRefusedAndReadersAreNot()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");
        // As in its pod, where commands are typically run: explain asks the controller where it listens.
        world.HostEnvironment["ImageUpdater__Listen"] = $"127.0.0.1:{Web.RunningHost.FreePort()}";
        await using var run = Controller.Start(world, ("ImageUpdater__Listen", world.HostEnvironment["ImageUpdater__Listen"]!));
        await run.UntilAsync("the rollout has ended", () => EndedAsync(world, "web", RolloutState.Succeeded));

        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 1, apply.ToString());
        Assert.Matches("state.db is in use by image-updater run, process [0-9]+ on .*stop the other one first", apply.Errors);
        var history = await world.RunAsync("history");
        Assert.True(history.ExitCode == 0, history.ToString());
        Assert.Contains("restarted: web", history.Output);
        var report = await world.RunAsync("report");
        Assert.True(report.ExitCode == 0, report.ToString());
        Assert.Contains("1 restart", report.Output);

        var explain = await world.RunAsync("explain", "deployment/web", "--namespace", world.Namespace);
        Assert.True(explain.ExitCode == 0, explain.ToString());
        Assert.Contains("nothing to do", explain.Output);
        Assert.Matches("next check +20", explain.Output);
        Assert.Contains("restarted: web", explain.Output);
        Assert.Empty(explain.Errors);
    }

    private static async Task<bool> EndedAsync(World world, string name, RolloutState state) =>
        (await StoredState.ReadAsync(world)).Newest(name)?.State == state;

    private static JsonObject RestartedByHand() => new()
    {
        ["spec"] = new JsonObject
        {
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["kubectl.kubernetes.io/restartedAt"] = "2031-01-01T00:00:00Z" } },
            },
        },
    };
}
