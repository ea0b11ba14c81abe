using System.Net;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class HealthTests
{
    [Fact]
    public async Task Readyz_ClusterDownAndBack_SaysSoInWords()
    {
        await using var world = await World.StartSandboxAsync();
        world.Sandbox!.Forbidden = [new ForbiddenVerb("list", "deployments"), new ForbiddenVerb("list", "statefulsets"), new ForbiddenVerb("list", "daemonsets")];
        await using var host = await RunningHost.StartAsync(world);

        await Eventually.HoldsAsync("the first cycle ended", async () => (await host.AnswerAsync("/startupz")).StatusCode == HttpStatusCode.OK);
        using (var answer = await host.AnswerAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            var message = await answer.Content.ReadAsStringAsync();
            Assert.StartsWith("not ready: Kubernetes: ", message);
            Assert.Contains("the first observation has not completed", message);
        }

        Assert.Contains("image_updater_ready 0\n", await host.TextAsync("/metrics"));
        Assert.Equal("ok\n", await host.TextAsync("/healthz"));

        world.Sandbox.Forbidden = [];
        await host.ReadyAsync();
        Assert.Contains("image_updater_ready 1\n", await host.TextAsync("/metrics"));
        Assert.Equal(0, WatchedFolders(host.Process.Id));
    }

    [Fact]
    public async Task Readyz_RegistryThatNeverAnswers_IsNamedHereInTheLogAndInAMetricAndDelaysNoOther()
    {
        await using var slow = await Registry.ScriptedRegistry.StartAsync(
            Registry.Rule.For("HEAD /v2/team/app/manifests/latest", new Registry.Reply(200) { Then = context => Task.Delay(Timeout.Infinite, context.RequestAborted) }));
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("web", "one");
        world.Sandbox!.Apply(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled().In(world.Namespace));
        await world.Sandbox.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
        world.Sandbox.Apply(Manifests.Deployment("slow", ("slow", $"{slow.Host}/team/app:latest")).Enabled().In(world.Namespace));
        await using var host = await RunningHost.StartAsync(
            world, ("ImageUpdater__Registries__1__Host", slow.Host), ("ImageUpdater__Registries__1__PlainHttp", "true"), ("ImageUpdater__Registries__1__Timeout", "00:05:00"));
        await host.ReadyAsync();

        Assert.Equal($"ready; restarts for some images wait for these registries to answer: {slow.Host}\n", await host.TextAsync("/readyz"));
        Assert.Contains($"registry {slow.Host} has not answered for some images", host.Process.Output);
        Assert.Contains($"image_updater_registry_late_cycles_total{{registry=\"{slow.Host}\"}} ", await host.TextAsync("/metrics"));

        await world.PushAsync("web", "two");
        var pushed = TimeProvider.System.GetTimestamp();
        await Eventually.HoldsAsync("web is restarted", async () => (await host.TextAsync("/metrics")).Contains("image_updater_applied_changes_total{kind=\"deployment\",outcome=\"restarted\"} 1\n", StringComparison.Ordinal), () => host.Process.Output);

        // Waiting for the slow registry alone would take thirty.
        Assert.InRange(TimeProvider.System.GetElapsedTime(pushed).TotalSeconds, 0, 20);
        Assert.Single(slow.Requests, asked => asked.Line.StartsWith("HEAD", StringComparison.Ordinal) && asked.UserAgent.StartsWith("image-updater", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Readyz_StoreMovedAway_SaysSoInWords()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await RunningHost.StartAsync(world);
        await host.ReadyAsync();

        File.Move(world.State, world.State + ".moved");

        await Eventually.HoldsAsync(
            "the store is missed",
            async () => (await host.TextAsync("/readyz")).StartsWith("not ready: state store: ", StringComparison.Ordinal));
        Assert.Equal("ok\n", await host.TextAsync("/healthz"));
    }

    /// <summary>Tracking runs every two seconds; if it stopped because of a bug, rollouts would stay open forever.</summary>
    [Fact]
    public async Task Readyz_BugInTracking_IsSeenHereInTheLogAndInAMetricUntilItIsOver()
    {
        await using var world = await World.StartSandboxAsync();
        // Before the start, since the open rollouts are read from the store only once while nothing changes them.
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        UnreadableStoreTests.Break(world.State, "ALTER TABLE rollouts RENAME TO elsewhere");
        await using var host = await RunningHost.StartAsync(world);

        await Eventually.HoldsAsync(
            "readiness tells of it",
            async () => (await host.TextAsync("/readyz")).Contains("tracking: unexpected error (SqliteException); see the log", StringComparison.Ordinal));
        Assert.DoesNotContain("image_updater_background_failures_total{loop=\"tracking\"} 0\n", await host.TextAsync("/metrics"));
        Assert.Contains("Background loop 'tracking' failed unexpectedly", host.Process.Output);
        Assert.Contains("no such table: rollouts", host.Process.Output);

        UnreadableStoreTests.Break(world.State, "ALTER TABLE elsewhere RENAME TO rollouts");
        // Not until it is ready: on a busy machine retention has run meanwhile, and it runs every six hours.
        await Eventually.HoldsAsync("readiness has forgotten it", async () => !(await host.TextAsync("/readyz")).Contains("tracking:", StringComparison.Ordinal), () => host.Process.Output);
        await Eventually.HoldsAsync("the log says so", () => Task.FromResult(host.Process.Output.Contains("Background loop 'tracking' recovered", StringComparison.Ordinal)), () => host.Process.Output);
    }

    /// <summary>By default a web host watches all files below its working directory for changed settings.</summary>
    private static int WatchedFolders(int process)
    {
        if (!OperatingSystem.IsLinux())
            return 0;

        var watched = 0;
        foreach (var file in Directory.GetFiles($"/proc/{process}/fdinfo"))
        {
            try
            {
                watched += File.ReadLines(file).Count(line => line.StartsWith("inotify ", StringComparison.Ordinal));
            }
            catch (IOException)
            {
                // The file was closed in the meantime.
            }
        }

        return watched;
    }
}
