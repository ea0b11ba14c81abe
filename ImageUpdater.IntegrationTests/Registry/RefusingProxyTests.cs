using System.Net;
using System.Net.Sockets;
using System.Text;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Running;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>A proxy that rejects CONNECT: .NET puts the proxy's URL, with its password, into the exception.</summary>
public sealed class RefusingProxyTests
{
    private const string Account = "joe:" + PlantedSecrets.Word;

    [Theory]
    [InlineData(407)]
    [InlineData(403)]
    public async Task Resolve_ProxyRefuses_NamesTheProxyWithoutTheAccount(int status)
    {
        using var proxy = new RefusingProxy(status);
        var own = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ImageUpdater__Registries__0__Host"] = "own.example.com",
            ["ImageUpdater__Registries__0__Proxy"] = proxy.With(Account),
        };

        var ofSystem = await ResolveAsync("ghcr.io/x/y:1", new Dictionary<string, string?>(StringComparer.Ordinal) { ["HTTPS_PROXY"] = proxy.With(Account) });
        var ofRegistry = await ResolveAsync("own.example.com/x/y:1", own);

        foreach (var result in new[] { ofSystem, ofRegistry })
        {
            Assert.Equal(1, result.ExitCode);
            Assert.Contains($"could not be reached for x/y:1 through the proxy {proxy.Authority}: ", result.Errors, StringComparison.Ordinal);
            Assert.Contains($"'{status}'", result.Errors, StringComparison.Ordinal);
            PlantedSecrets.AssertNowhereIn(result.ToString());
        }
    }

    [Fact]
    public async Task Run_ProxiesRefuse_ShowsStoresAndLogsNoAccount()
    {
        using var proxy = new RefusingProxy(407);
        await using var world = await World.StartSandboxAsync();
        world.StartsProcesses = true;
        world.HostEnvironment["HTTPS_PROXY"] = proxy.With(Account);
        world.HostEnvironment["ImageUpdater__Registries__1__Host"] = "own.example.com";
        world.HostEnvironment["ImageUpdater__Registries__1__Proxy"] = proxy.With(Account);
        foreach (var (name, image) in new[] { ("system", "ghcr.io/x/y:1"), ("own", "own.example.com/x/y:1") })
            await world.DeployAsync(Manifests.Deployment(name, (name, image)).Enabled().Paused());

        var planFile = Path.Combine(world.Folder, "plan.json");
        var plan = await world.PlanAsync("--verbose", "--out", planFile);
        await using var run = Controller.Start(world, ("Logging__LogLevel__Default", "Trace"));
        await run.UntilReadyAsync();
        var pages = new StringBuilder();
        foreach (var path in (string[])["/", "/reports/24h.md", "/metrics", "/readyz", "/api/v1/plans", "/api/v1/workloads"])
        {
            var (status, body) = await run.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, status);
            pages.AppendLine(body);
        }

        Assert.Equal(0, await run.StopAsync());
        Assert.Contains($"through the proxy {proxy.Authority}", plan.Output, StringComparison.Ordinal);
        Assert.Contains($"through the proxy {proxy.Authority}", pages.ToString(), StringComparison.Ordinal);
        PlantedSecrets.AssertNowhereIn(plan + await File.ReadAllTextAsync(planFile));
        PlantedSecrets.AssertNowhereIn(run.Log);
        PlantedSecrets.AssertNowhereIn(pages.ToString());
        Assert.True(File.Exists(world.State));
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(world.State)!, "state.db*"))
            PlantedSecrets.AssertNowhereIn(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
    }

    [Theory]
    [InlineData("https://api.example.com:6443", "http://{account}@{proxy}")]
    [InlineData("https://{account}@{proxy}", "")]
    [InlineData("ftp://{account}@{proxy}", "")]
    public async Task Plan_KubeconfigWithAnAccountInAUrl_PrintsNoAccount(string server, string proxyUrl)
    {
        using var proxy = new RefusingProxy(407);
        using var folder = new TestFolder();
        var kubeconfig = folder.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u} }]
            users: [{name: u, user: {token: abc} }]
            clusters:
            - name: c
              cluster:
                server: "{{Fill(server)}}"
                proxy-url: "{{Fill(proxyUrl)}}"
                insecure-skip-tls-verify: true
            """);

        var result = await InProcess.RunAsync(
            "plan", "--kubeconfig", kubeconfig, "--state", Path.Combine(folder.Path, "state.db"), "--verbose");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("image-updater: ", result.Errors, StringComparison.Ordinal);
        PlantedSecrets.AssertNowhereIn(result.ToString());

        string Fill(string url) => url.Replace("{account}", Account, StringComparison.Ordinal).Replace("{proxy}", proxy.Authority, StringComparison.Ordinal);
    }

    private static Task<HostResult> ResolveAsync(string image, Dictionary<string, string?> environment) =>
        HostProcess.RunAsync(["resolve", image, "--verbose"], environment);

    /// <summary>Responds to every connection with this status, like a proxy that requires a password or blocks the host.</summary>
    private sealed class RefusingProxy : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly int status;

        public RefusingProxy(int status)
        {
            this.status = status;
            listener.Start();
            _ = AnswerAllAsync();
        }

        public string Authority => listener.LocalEndpoint.ToString()!;

        public string With(string account) => $"http://{account}@{Authority}";

        public void Dispose() => listener.Dispose();

        private async Task AnswerAllAsync()
        {
            try
            {
                while (true)
                    await AnswerAsync(await listener.AcceptTcpClientAsync());
            }
            catch (SocketException)
            {
                // The listener has been disposed of.
            }
        }

        private async Task AnswerAsync(TcpClient client)
        {
            using (client)
            {
                try
                {
                    var stream = client.GetStream();
                    _ = await stream.ReadAsync(new byte[4096]);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 {status} Refused\r\nProxy-Authenticate: Basic realm=\"squid\"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
                }
                catch (IOException)
                {
                    // The client has disconnected.
                }
            }
        }
    }
}
