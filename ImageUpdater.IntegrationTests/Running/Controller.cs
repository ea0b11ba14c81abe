using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Runs <c>image-updater run</c> in a world, with a cycle every second and its web endpoints on a free port.</summary>
internal sealed class Controller : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly HostProcess process;
    private readonly int port;

    private Controller(HostProcess process, int port)
    {
        this.process = process;
        this.port = port;
    }

    public string Log => process.Output + process.Errors;

    /// <param name="more">Additional environment variables.</param>
    public static Controller Start(World world, params (string Name, string Value)[] more) => Start(world, world.State, more);

    public static Controller Start(World world, string state, params (string Name, string Value)[] more)
    {
        var free = FreePort();
        var environment = new Dictionary<string, string?>(world.HostEnvironment, StringComparer.Ordinal)
        {
            ["CHECK_INTERVAL"] = "1",
            ["ImageUpdater__Listen"] = $"127.0.0.1:{free}",
        };
        foreach (var (name, value) in more)
            environment[name] = value;
        return new Controller(HostProcess.Start(["--kubeconfig", world.Kubeconfig, "--state", state, "run"], environment), free);
    }

    /// <summary>Status code and body; no status code if the connection fails.</summary>
    public async Task<(HttpStatusCode? Status, string Body)> GetAsync(string path)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            return (null, "");
        }
    }

    /// <summary>Waits until it is ready and the first cycle has ended.</summary>
    public Task UntilReadyAsync() => UntilAsync(
        "ready", async () => (await GetAsync("/startupz")).Status == HttpStatusCode.OK && (await GetAsync("/readyz")).Status == HttpStatusCode.OK);

    public Task UntilAsync(string what, Func<bool> holds) => UntilAsync(what, () => Task.FromResult(holds()));

    public Task UntilAsync(string what, Func<Task<bool>> holds) => Eventually.HoldsAsync(what, holds, () => Log);

    /// <summary>Waits for two cycles that began after this call, so that everything due has been done.</summary>
    public async Task CyclesAsync()
    {
        var seen = await CyclesEndedAsync();
        await UntilAsync("two more cycles", async () => await CyclesEndedAsync() > seen + 2);
    }

    /// <summary>The number of cycles, successful or failed.</summary>
    public async Task<int> CyclesEndedAsync() => (await GetAsync("/metrics")).Body.Split('\n')
        .Where(line => line.StartsWith("image_updater_cycles_total{", StringComparison.Ordinal))
        .Sum(line => int.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));

    /// <summary>Sends SIGTERM and returns the exit code.</summary>
    public async Task<int> StopAsync() => (await process.TerminateAsync()).ExitCode;

    public async Task KillAsync()
    {
        process.Kill();
        await process.EndAsync();
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
