using System.Net;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class HealthTests
{
    [SkippableFact]
    public async Task Readyz_ClusterDownAndBack_SaysSoInWords()
    {
        await using var world = await World.StartSandboxAsync();
        world.Sandbox!.Forbidden = [new ForbiddenVerb("list", "deployments"), new ForbiddenVerb("list", "statefulsets"), new ForbiddenVerb("list", "daemonsets")];
        await using var host = await RunningHost.StartAsync(world);

        await Eventually.HoldsAsync("the first cycle ended", async () => (await host.AnswerAsync("/startupz")).StatusCode == HttpStatusCode.OK);
        using (var answer = await host.AnswerAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            var sentence = await answer.Content.ReadAsStringAsync();
            Assert.StartsWith("not ready: Kubernetes: ", sentence);
            Assert.Contains("the first observation is not done yet", sentence);
        }

        Assert.Contains("image_updater_ready 0\n", await host.TextAsync("/metrics"));
        Assert.Equal("ok\n", await host.TextAsync("/healthz"));

        world.Sandbox.Forbidden = [];
        await host.ReadyAsync();
        Assert.Contains("image_updater_ready 1\n", await host.TextAsync("/metrics"));
        Assert.Equal(0, WatchedFolders(host.Process.Id));
    }

    [SkippableFact]
    public async Task Run_FailuresThatLast_AreLoggedOnceAndThatTheyEnded()
    {
        await using var world = await World.StartSandboxAsync();
        var nodes = new ForbiddenVerb("list", "nodes");
        world.Sandbox!.Forbidden = [nodes, new ForbiddenVerb("list", "deployments"), new ForbiddenVerb("list", "statefulsets"), new ForbiddenVerb("list", "daemonsets")];
        await using var host = await RunningHost.StartAsync(world);
        await CyclesAsync("failure");
        world.Sandbox.Forbidden = [nodes];
        await CyclesAsync("success");

        var log = (await host.Process.TerminateAsync()).Output;

        Assert.Equal(1, Count("The cluster could not be read: "));
        Assert.Equal(1, Count("nodes could not be listed"));
        Assert.Equal(1, Count("0 to restart, 0 adopted, 0 held, 0 skipped, 0 unchanged"));

        int Count(string text) => log.Split(text).Length - 1;

        Task CyclesAsync(string result) => Eventually.HoldsAsync(
            $"three cycles: {result}", async () => MetricsTests.Value(await host.TextAsync("/metrics"), $"image_updater_cycles_total{{result=\"{result}\"}}") >= 3, () => host.Process.Output);
    }

    [SkippableFact]
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

    /// <summary>A web host watches all that is under the folder where it is started, for settings that might change, if nobody stops it.</summary>
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
                // Closed meanwhile.
            }
        }

        return watched;
    }
}
