using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>Web:AuthFile in a running controller.</summary>
public sealed class AuthenticationTests
{
    private const string Password = "s3cret-of-alice-1";
    private const string Next = "s3cret-of-alice-2";
    private const string Token = "s3cret0e6b1d2a4857a0c1e2f3b4d5";

    private static readonly string[] Protected = ["/", "/reports", "/reports/24h.md", "/api/v1/plans", "/api/v1/workloads", "/nothing", "/METRICS", "/metrics/"];

    [Fact]
    public async Task EveryPath_WithAndWithoutCredentials_OnlyProbesAndMetricsAreOpen()
    {
        await using var world = await World.StartSandboxAsync();
        using var folder = new TestFolder();
        await using var host = await RunningHost.StartAsync(world, ("ImageUpdater__Web__AuthFile", folder.Write("auth", $"alice:{Password}\n{Token}\n")));
        await host.ReadyAsync();

        foreach (var path in new[] { "/healthz", "/startupz", "/readyz", "/metrics" })
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, path)).StatusCode);
        foreach (var path in Protected)
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Post })
            {
                using var answer = await host.AnswerAsync(path, method);
                Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path}: {answer.StatusCode}");
                Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            }
        }

        using var refused = await AskAsync(host, "/", Basic(Next));
        Assert.Equal("wrong user, password or token\n", await refused.Content.ReadAsStringAsync());
        Assert.Equal(["Basic realm=\"ImageUpdater\", charset=\"UTF-8\"", "Bearer realm=\"ImageUpdater\""], refused.Headers.GetValues("WWW-Authenticate"));
        foreach (var credentials in new[] { Basic(Password), new AuthenticationHeaderValue("Bearer", Token) })
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "/", credentials)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "/api/v1/workloads", credentials)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(host, "/nothing", credentials)).StatusCode);
        }

        await LogsAsync(host, "Requests with a wrong user, password or token since this was last logged: 1, the newest from 127.0.0.1");
        var log = $"{host.Process.Output}{host.Process.Errors}";
        Assert.Contains("authentication required", log.Split('\n')[0]);
        Assert.DoesNotContain("s3cret", log);
    }

    /// <summary>Without credentials, nobody takes the place of a reader: not one of these gets 503, although more come than can wait.</summary>
    [Fact]
    public async Task Requests_WithoutCredentials_TakeNoReadersPlace()
    {
        await using var world = await World.StartSandboxAsync();
        using var folder = new TestFolder();
        await using var host = await RunningHost.StartAsync(world, ("ImageUpdater__Web__AuthFile", folder.Write("auth", Token)));
        await host.ReadyAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync(host, "/")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.Contains("WWW-Authenticate: Bearer realm=\"ImageUpdater\"", answers[0].Headers.ToString());
    }

    /// <summary>As the kubelet updates the files of a Secret: a new folder, and one symlink swapped.</summary>
    [Fact]
    public async Task Secret_Changed_IsUsedWithoutARestartAndRefusesEverybodyWhileMalformed()
    {
        await using var world = await World.StartSandboxAsync();
        using var folder = new TestFolder();
        Swap(folder, "1", $"alice:{Password}");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "auth"), Path.Combine("..data", "auth"));
        await using var host = await RunningHost.StartAsync(world, ("ImageUpdater__Web__AuthFile", Path.Combine(folder.Path, "auth")));
        await host.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "/", Basic(Password))).StatusCode);

        Swap(folder, "2", $"alice:{Next}");
        await Eventually.HoldsAsync("the next password is valid", async () => (await AskAsync(host, "/", Basic(Next))).StatusCode == HttpStatusCode.OK, () => host.Process.Output);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(host, "/", Basic(Password))).StatusCode);

        Swap(folder, "3", "alice:s3cret");
        await Eventually.HoldsAsync("nobody is answered", async () => (await AskAsync(host, "/", Basic(Next))).StatusCode == HttpStatusCode.ServiceUnavailable, () => host.Process.Output);
        Assert.Equal("the users can't be read; see the log\n", await host.TextAsync("/"));
        Assert.Equal("ok\n", await host.TextAsync("/healthz"));
        await LogsAsync(host, $"Web:AuthFile can't be used, so reports and API are refused to everybody: '{folder.Path}/auth': line 1 has a password of less than 16 characters");

        Swap(folder, "4", $"alice:{Password}");
        await Eventually.HoldsAsync("the password is valid again", async () => (await AskAsync(host, "/", Basic(Password))).StatusCode == HttpStatusCode.OK, () => host.Process.Output);
        await LogsAsync(host, "Web:AuthFile can be used again");
        Assert.DoesNotContain("s3cret", $"{host.Process.Output}{host.Process.Errors}");
    }

    [Fact]
    public async Task Run_MalformedFile_DoesNotStart()
    {
        await using var world = await World.StartSandboxAsync();
        using var folder = new TestFolder();

        var run = await HostProcess.RunAsync(
            ["--kubeconfig", world.Kubeconfig, "--state", world.State, "run"],
            new Dictionary<string, string?>(world.HostEnvironment) { ["ImageUpdater__Web__AuthFile"] = folder.Write("auth", "alice:s3cret") });

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"invalid configuration: ImageUpdater__Web__AuthFile: '{folder.Path}/auth': line 1 has a password", run.Errors);
        Assert.DoesNotContain("s3cret", run.Errors);
        Assert.False(File.Exists(world.State));
    }

    // The log is written in the background.
    private static Task LogsAsync(RunningHost host, string line) =>
        Eventually.HoldsAsync($"the log has: {line}", () => Task.FromResult(host.Process.Output.Contains(line, StringComparison.Ordinal)), () => host.Process.Output);

    private static void Swap(TestFolder folder, string version, string text)
    {
        folder.Write(Path.Combine($"..{version}", "auth"), text);
        var link = Path.Combine(folder.Path, "..data");
        File.CreateSymbolicLink($"{link}_tmp", $"..{version}");
        // .NET can't rename a link to a folder.
        using var rename = Process.Start("mv", ["-T", $"{link}_tmp", link]);
        rename.WaitForExit();
    }

    private static AuthenticationHeaderValue Basic(string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"alice:{password}")));

    private static Task<HttpResponseMessage> AskAsync(RunningHost host, string path, AuthenticationHeaderValue? credentials = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = credentials;
        return host.Http.SendAsync(request);
    }
}
