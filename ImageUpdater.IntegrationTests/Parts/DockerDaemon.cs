using System.Diagnostics;
using ImageUpdater.Core;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Debian's <c>dockerd</c> on its own socket, with all its data in one temporary folder. Requires root.</summary>
internal sealed class DockerDaemon : IAsyncDisposable
{
    // $1 is the folder. Stdin ends with the test process, even if that is killed; then everything is removed.
    // Without firewall rules, forwarding and the default bridge, only the bridges of its networks are added to the machine's network.
    private const string Script = """
        trap '' INT HUP
        socket=unix://$1/socket
        engine() { timeout 20 docker --host "$socket" "$@"; }
        dockerd --iptables=false --ip6tables=false --ip-forward=false --bridge=none \
          --data-root "$1/data" --exec-root "$1/run" --pidfile "$1/pid" --host "$socket" >"$1/log" 2>&1 &
        daemon=$!
        exec 3<&0
        {
          read -r _ <&3
          containers=$(engine ps --all --quiet)
          [ -z "$containers" ] || engine rm --force --volumes $containers
          engine network prune --force
          kill -TERM $daemon
        } >/dev/null 2>&1 &
        wait $daemon
        kill $! 2>/dev/null
        tail -n 1 "$1/log"
        rm -rf --one-file-system "$1"
        """;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly Process shell;

    private DockerDaemon(string folder)
    {
        Folder = folder;
        Address = new Uri($"unix://{folder}/socket");
        shell = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "dockerd", folder]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    public string Folder { get; }

    public Uri Address { get; }

    /// <summary>Address of the API.</summary>
    public Version Version { get; private set; } = new(1, 0);

    /// <summary>A running daemon, or the reason why there is none.</summary>
    public static async Task<Result<DockerDaemon, string>> StartAsync()
    {
        foreach (var program in (string[])["dockerd", "docker"])
        {
            if (Requirement.Find(program) is null)
                return $"{program} is not installed (Debian: apt-get install docker.io)";
        }

        if (!Environment.IsPrivilegedProcess)
            return "only root can start dockerd, and no container engine runs here";

        var daemon = new DockerDaemon(Directory.CreateTempSubdirectory("image-updater-docker-").FullName);
        if (await daemon.AnswersAsync())
            return daemon;

        return $"dockerd does not start: {await daemon.EndAsync()}";
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task<bool> AnswersAsync()
    {
        var cli = new DockerCli(Address);
        for (var started = Stopwatch.StartNew(); started.Elapsed < StartLimit && !shell.HasExited; await Task.Delay(50))
        {
            if (File.Exists(Address.LocalPath) && await cli.TryAsync("version", "--format", "{{.Server.APIVersion}}") is (0, var version))
            {
                Version = Version.Parse(version.Trim());
                return true;
            }
        }

        return false;
    }

    /// <summary>The daemon's last log line.</summary>
    private async Task<string> EndAsync()
    {
        shell.StandardInput.Close();
        var last = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        shell.Dispose();
        return last.Trim();
    }
}
