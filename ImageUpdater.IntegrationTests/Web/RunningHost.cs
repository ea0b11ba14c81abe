using System.Net;
using System.Net.Sockets;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>Runs the controller as a process on a free port, with a client of its web endpoints.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private RunningHost(HostProcess process, int port)
    {
        Process = process;
        Port = port;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public HostProcess Process { get; }

    public int Port { get; }

    public HttpClient Http { get; }

    /// <summary>Returns when it listens; use <see cref="IsReadyAsync"/> to wait for the first cycle.</summary>
    public static async Task<RunningHost> StartAsync(World world, params (string Name, string Value)[] options)
    {
        var port = FreePort();
        world.HostEnvironment["ImageUpdater__Listen"] = $"127.0.0.1:{port}";
        world.HostEnvironment["CHECK_INTERVAL"] = "1";
        foreach (var (name, value) in options)
            world.HostEnvironment[name] = value;
        var host = new RunningHost(world.Start("run"), port);
        await Eventually.HoldsAsync("the host listens", host.ListensAsync, () => $"{host.Process.Output}\n{host.Process.Errors}");
        return host;
    }

    public async Task<bool> IsReadyAsync() => (await AnswerAsync("/readyz")).StatusCode == HttpStatusCode.OK;

    /// <summary>Waits until it is ready and the first cycle has ended.</summary>
    public Task ReadyAsync() => Eventually.HoldsAsync(
        "the host is ready", async () => (await AnswerAsync("/startupz")).StatusCode == HttpStatusCode.OK && await IsReadyAsync(), () => Process.Output);

    public async Task<string> TextAsync(string path)
    {
        using var answer = await AnswerAsync(path);
        return await answer.Content.ReadAsStringAsync();
    }

    public Task<HttpResponseMessage> AnswerAsync(string path, HttpMethod? method = null) =>
        Http.SendAsync(new HttpRequestMessage(method ?? HttpMethod.Get, path));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> ListensAsync()
    {
        try
        {
            return (await AnswerAsync("/healthz")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
