using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Web;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Web;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Where <c>run</c> listens, and what it says if it can't.</summary>
public sealed class ListeningTests
{
    [Theory]
    [InlineData("localhost", "http://localhost:{0}/, no", new[] { "127.0.0.1", "[::1]" })]
    [InlineData("[::1]", "http://[::1]:{0}/, no", new[] { "[::1]" })]
    [InlineData("127.0.0.1", "http://127.0.0.1:{0}/, no", new[] { "127.0.0.1" })]
    [InlineData("", "http://localhost:{0}/ (all addresses), no", new[] { "127.0.0.1", "[::1]" })]
    public async Task Run_Address_IsTheFirstLineOfTheLogAndTheOnlyOne(string host, string line, string[] answering)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "needs IPv6");
        await using var world = await World.StartSandboxAsync();
        var port = RunningHost.FreePort();
        world.HostEnvironment["ImageUpdater__Listen"] = $"{host}:{port}";
        await using var run = world.Start("run");

        await Eventually.HoldsAsync("it listens", () => AnswersAsync(answering[0], port), () => run.Output + run.Errors);

        await Eventually.HoldsAsync("it logs", () => Task.FromResult(run.Output.Contains('\n', StringComparison.Ordinal)));
        Assert.Matches($"^[^ ]+Z info  ImageUpdater [0-9][^ ]* · cluster sandbox · all namespaces · every 5 min · {Regex.Escape(Filled(line, port))} authentication$", run.Output.Split('\n')[0]);
        foreach (var address in new[] { "127.0.0.1", "[::1]", $"{await OwnAddressAsync()}" })
            Assert.Equal(answering.Contains(address, StringComparer.Ordinal) || host.Length == 0, await AnswersAsync(address, port));
        var health = await world.RunAsync("health");
        Assert.True(health.ExitCode == 0, health.ToString());
    }

    [Theory]
    [InlineData("127.0.0.1:{0}", "http://127.0.0.1:{0}/")]
    [InlineData("localhost:{0}", "http://localhost:{0}/")]
    [InlineData(":{0}", "http://localhost:{0}/ (all addresses)")]
    public async Task Run_PortInUse_SaysSoWithTheOptionToChange(string listen, string said)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await FailsAsync(Filled(listen, port), $"cannot listen on {Filled(said, port)}: another program uses the port; stop it, or set ImageUpdater__Listen to another port");
    }

    // 192.0.2.0/24 is for documentation, so no machine has an address of it.
    [Fact]
    public Task Run_AddressOfAnotherMachine_SaysSo() => FailsAsync(
        "192.0.2.1:8080", "cannot listen on http://192.0.2.1:8080/: this machine does not have the address; set ImageUpdater__Listen to one that it has, or to :8080 for all");

    // The tests may run as root, who is permitted to use every port.
    [Fact]
    public void Problem_PermissionDenied_SaysSo() => Assert.Equal(
        "cannot listen on http://localhost/: permission denied; set ImageUpdater__Listen to a port above 1023",
        Listening.Problem(new IOException("Failed to bind", new AggregateException(new SocketException((int)SocketError.AccessDenied))), ListenAddress.LocalhostAt(80)));

    // As for an IPv6 link-local address without its interface.
    [Fact]
    public void Problem_AddressThatTheSystemRefuses_SaysSo() => Assert.Equal(
        "cannot listen on http://[fe80::1]:8080/: the system refuses the address; set ImageUpdater__Listen to another one, or to :8080 for all",
        Listening.Problem(new SocketException((int)SocketError.InvalidArgument), ListenAddress.Parse("[fe80::1]:8080").Value!));

    [Fact]
    public void Problem_OtherInputOutputError_IsNotTheAddress() =>
        Assert.Null(Listening.Problem(new IOException("No space left on device"), ListenAddress.LocalhostAt(8080)));

    private static async Task FailsAsync(string listen, string message)
    {
        await using var world = await World.StartSandboxAsync();

        var run = await HostProcess.RunAsync(
            ["--kubeconfig", world.Kubeconfig, "--state", world.State, "run"], new Dictionary<string, string?>(world.HostEnvironment) { ["ImageUpdater__Listen"] = listen });

        Assert.True(run.ExitCode == 1, run.ToString());
        Assert.Equal($"image-updater: {message}\n", run.Errors);
        Assert.DoesNotContain("Exception", run.Output);
    }

    private static async Task<bool> AnswersAsync(string address, int port)
    {
        using var http = new HttpClient();
        try
        {
            return await http.GetStringAsync(new Uri($"http://{address}:{port}/healthz")) == "ok\n";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<IPAddress> OwnAddressAsync() => (await Dns.GetHostAddressesAsync(Dns.GetHostName(), AddressFamily.InterNetwork)).FirstOrDefault(address => !IPAddress.IsLoopback(address)) ?? IPAddress.Loopback;

    private static string Filled(string format, int port) => string.Format(System.Globalization.CultureInfo.InvariantCulture, format, port);
}
