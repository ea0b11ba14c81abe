using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ImageUpdater.Benchmarks;

/// <summary><c>run</c> with the settings of the container image. Linux only: the figures are those of /proc.</summary>
internal sealed class ControllerProcess : IAsyncDisposable
{
    public const int Port = 18_080;

    // What the Dockerfile sets, and an interval that leaves the process idle between cycles.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("DOTNET_TC_CallCountThreshold", "FFFF"), ("DOTNET_gcConcurrent", "0"), ("DOTNET_EnableDiagnostics", "0"),
        ("DOTNET_GCgen0size", "0x800000"), ("MALLOC_ARENA_MAX", "1"),
        ("CHECK_INTERVAL", "5"), ("ImageUpdater__Listen", $"localhost:{Port}"),
    ];

    private readonly Process process;
    private readonly Stopwatch since = Stopwatch.StartNew();
    private string? lastLine;

    private ControllerProcess(Process process) => this.process = process;

    public static ControllerProcess Start(string program, string kubeconfig, string store, params IReadOnlyList<string> registries)
    {
        RequirePort();
        var start = new ProcessStartInfo(program, ["--kubeconfig", kubeconfig, "--state", store, "run"]) { UseShellExecute = false, RedirectStandardOutput = true };
        // What is set already is compared with it; what is set to nothing is left out, for an earlier program that does not know it.
        foreach (var (name, value) in Settings)
            start.Environment[name] = Environment.GetEnvironmentVariable(name) ?? value;
        foreach (var (name, _) in Settings.Where(setting => start.Environment[setting.Name] == ""))
            start.Environment.Remove(name);
        for (var i = 0; i < registries.Count; i++)
        {
            start.Environment[$"ImageUpdater__Registries__{i}__Host"] = registries[i];
            start.Environment[$"ImageUpdater__Registries__{i}__PlainHttp"] = "true";
        }

        var started = new ControllerProcess(new Process { StartInfo = start });
        started.process.Start();
        started.process.OutputDataReceived += (_, line) => started.lastLine = line.Data ?? started.lastLine;
        started.process.BeginOutputReadLine();
        return started;
    }

    /// <returns>Seconds since the start.</returns>
    public Task<double> ReadyAsync(HttpClient http) => UntilAsync(http, "/readyz");

    /// <summary>Through its first cycle, so that its store has all of it.</summary>
    public Task<double> ThroughFirstCycleAsync(HttpClient http) => UntilAsync(http, "/startupz");

    private async Task<double> UntilAsync(HttpClient http, string path)
    {
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
                if (answer.IsSuccessStatusCode)
                    return since.Elapsed.TotalSeconds;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public double CpuSeconds()
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }

    public string Memory() => $"private {PrivateMegabytes():0} MB, resident {Megabytes("VmRSS"):0} MB, the most so far {Megabytes("VmHWM"):0} MB";

    public double PrivateMegabytes() => Megabytes("RssAnon", "RssShmem");

    // Otherwise its figures would be those of nothing, and its answers those of another process.
    private static void RequirePort()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, Port);
            listener.Start();
        }
        catch (SocketException exception)
        {
            throw new InvalidOperationException($"port {Port} is needed and can't be used: {exception.Message}", exception);
        }
    }

    private double Megabytes(params string[] keys)
    {
        if (process.HasExited)
            throw new InvalidOperationException($"{process.StartInfo.FileName} ended with exit code {process.ExitCode}: {lastLine}");
        var status = File.ReadAllLines($"/proc/{process.Id}/status").Select(line => line.Split(':')).Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1].Trim(), StringComparer.Ordinal);
        return keys.Sum(key => double.Parse(status[key].Split(' ')[0], CultureInfo.InvariantCulture) / 1024);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }
}
