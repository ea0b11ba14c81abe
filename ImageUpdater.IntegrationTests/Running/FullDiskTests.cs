using System.Diagnostics;
using System.Net;
using ImageUpdater.Core.Applying;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>No change without an audit record: while the store's volume is full, nothing is applied.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task Run_VolumeIsFull_AppliesNothingUntilThereIsRoom()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await using var volume = await SmallVolume.MountAsync();
        var state = volume.File("state.db");

        await using var run = Controller.Start(world, state);
        await run.UntilReadyAsync();
        volume.Fill();
        await world.PushAsync("web", "two");
        await run.UntilAsync("it says so", () => run.Log.Contains("is full", StringComparison.Ordinal));
        Assert.Contains($"the volume of {state} is full: nothing is applied until there is space", run.Log);
        // What can't be stored is not asked for, either.
        world.Registry!.Requests.Clear();
        await run.CyclesAsync();
        Assert.Empty(world.Registry.Requests.All);
        Assert.Empty(SentRestart.All(world));
        Assert.DoesNotContain("Exception", run.Log);
        Assert.Equal(HttpStatusCode.OK, (await run.GetAsync("/healthz")).Status);
        var (status, words) = await run.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("is full", words);

        volume.MakeRoom();
        await run.UntilAsync("it recovers alone", async () => (await StoredState.ReadAsync(world, state)).Newest("web")?.State == RolloutState.Succeeded);
        Assert.Equal(0, await run.StopAsync());
        await (await StoredState.ReadAsync(world, state)).AgreeWithAsync(world);
    }

    /// <summary>A tmpfs of one megabyte. Requires root.</summary>
    private sealed class SmallVolume : IAsyncDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-volume-");

        public static async Task<SmallVolume> MountAsync()
        {
            var volume = new SmallVolume();
            var (code, said) = Requirement.Find("mount") is null ? (-1, "there is no mount") : await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", volume.folder.FullName);
            if (code == 0)
                return volume;

            volume.folder.Delete();
            Requirement.Skip("mount", $"a small volume can't be mounted: {said}");
            throw new UnreachableException();
        }

        public string File(string name) => Path.Combine(folder.FullName, name);

        public void Fill()
        {
            try
            {
                using var filler = new FileStream(File("filler"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
                while (true)
                    filler.Write(new byte[4096]);
            }
            catch (IOException)
            {
                // The volume is full now.
            }
        }

        public void MakeRoom() => System.IO.File.Delete(File("filler"));

        public async ValueTask DisposeAsync()
        {
            await RunAsync("umount", "--lazy", folder.FullName);
            folder.Delete();
        }

        private static async Task<(int Code, string Said)> RunAsync(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            var said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, said.Trim());
        }
    }
}
