using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Cluster;

/// <summary>The tests must leave the machine as it was.</summary>
[Collection(DockerEngine.Name)]
public sealed class DockerDaemonTests
{
    [Fact]
    public async Task Dispose_ContainerStillRuns_LeavesNoProcessMountBridgeOrFile()
    {
        if (!(await DockerDaemon.StartAsync()).IsSuccess(out var daemon, out var missing))
            Requirement.Skip("docker", missing);

        string bridge;
        await using (daemon)
        {
            var docker = new DockerCli(daemon.Address);
            await new LocalImages(docker).ImportBusyboxAsync("busybox:local");
            bridge = $"br-{(await docker.RunAsync("network", "create", "left"))[..12]}";
            await docker.RunAsync("run", "--detach", "--network", "left", "--publish", "127.0.0.1::80", "busybox:local");

            Assert.NotEmpty(Processes(daemon.Folder));
            Assert.NotEmpty(Mounts(daemon.Folder));
            Assert.Contains(bridge, Bridges());
        }

        Assert.Empty(Processes(daemon.Folder));
        Assert.Empty(Mounts(daemon.Folder));
        Assert.DoesNotContain(bridge, Bridges());
        Assert.False(Directory.Exists(daemon.Folder));
    }

    private static List<string> Processes(string folder) =>
        [.. Directory.EnumerateDirectories("/proc").Select(CommandLine).Where(line => line.Contains(folder, StringComparison.Ordinal))];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            // Not a process, or one that has just ended.
            return "";
        }
    }

    private static List<string> Mounts(string folder) =>
        [.. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(folder, StringComparison.Ordinal))];

    private static IEnumerable<string> Bridges() => Directory.EnumerateDirectories("/sys/class/net").Select(path => Path.GetFileName(path));
}
