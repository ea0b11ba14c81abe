using System.Diagnostics;
using ImageUpdater.Core.Applying;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Web;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Runs the backup and restore commands of docs/operations.md.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task Restore_OfABackupThatWasMadeWhileRunning_GoesOnFromThere()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        var backup = world.State + ".backup";
        await using (var run = Controller.Start(world))
        {
            await run.UntilReadyAsync();
            await PushAndWaitAsync(world, run, "two", restarts: 1);
            Assert.Equal(0, await ShellAsync(world, $"image-updater state backup - > {backup}"));
            await PushAndWaitAsync(world, run, "three", restarts: 2);
            Assert.Equal(0, await run.StopAsync());
        }

        // The disk is lost. Runs the commands of the page with this test's paths.
        var script = RestoreScript().Replace("/data/state.db", world.State, StringComparison.Ordinal);
        Assert.Equal(0, await ShellAsync(world, script, backup));

        await using var again = Controller.Start(world);
        await again.UntilReadyAsync();
        // In the backup, "two" is the baseline. The pods run "three", which the registry serves: it is adopted without a restart.
        await again.CyclesAsync();
        Assert.Equal(2, SentRestart.Effective(world).Count);
        await PushAndWaitAsync(world, again, "four", restarts: 3);
        Assert.Equal(0, await again.StopAsync());
        Assert.Equal(0, (await world.RunAsync("state", "check")).ExitCode);
    }

    /// <summary>The command of the page in the helper pod, with the backup as stdin.</summary>
    private static string RestoreScript()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Find(), "docs", "operations.md"));
        var line = page.Split('\n').Single(line => line.Contains(" -- sh -c '", StringComparison.Ordinal));
        return line.Split(" -- sh -c '")[1].Split('\'')[0];
    }

    private static async Task PushAndWaitAsync(World world, Controller run, string content, int restarts)
    {
        await world.PushAsync("web", content);
        await run.UntilAsync($"{content} is rolled out", async () =>
            SentRestart.Effective(world).Count == restarts && (await StoredState.ReadAsync(world, world.State)).Newest("web")?.State == RolloutState.Succeeded);
    }

    private static async Task<int> ShellAsync(World world, string script, string input = "/dev/null")
    {
        var host = Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_HOST") is { Length: > 0 } published ? published : $"dotnet {Path.Combine(AppContext.BaseDirectory, "ImageUpdater.Host.dll")}";
        var start = new ProcessStartInfo("sh", ["-c", $"image_updater() {{ {host} --state {world.State} \"$@\"; }}; {{ {script.Replace("image-updater ", "image_updater ", StringComparison.Ordinal)}; }} < {input}"]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
