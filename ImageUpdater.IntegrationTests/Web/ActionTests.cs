using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>POST /api/v1/check and /api/v1/plan, with a check interval of an hour: what is seen was asked for.</summary>
public sealed class ActionTests
{
    private const string ReaderToken = "s3cret0e6b1d2a4857a0c1e2f3b4d5";

    private static readonly (string, string) Hourly = ("CHECK_INTERVAL", "3600");

    [Fact]
    public async Task Post_WithAndWithoutTheToken_OnlyTheTokenOfTheFileCounts()
    {
        await using var world = await World.StartSandboxAsync();
        using var folder = new TestFolder();
        await DeployAsync(world);
        await using var host = await RunningHost.StartAsync(world, Hourly, ("ImageUpdater__Web__AuthFile", folder.Write("auth", ReaderToken)));
        await host.ReadyAsync();
        var token = TokenOf(world);

        Assert.Equal(64, token.Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(world.State + ".api-token"));
        foreach (var path in (string[])["/api/v1/check", "/api/v1/plan", "/API/v1/Check"])
        {
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, path, token)).Status);
            Assert.Equal((HttpStatusCode.Unauthorized, "the API token is required; see docs/security.md\n"), await PostAsync(host, path, token: null));
            foreach (var wrong in (string[])[ReaderToken, token[..^1], token + "0", token.ToUpperInvariant()])
                Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(host, path, wrong)).Status);
            Assert.Equal((HttpStatusCode.Forbidden, "pages of another site can't use this path\n"), await PostAsync(host, path, token, ("Origin", "https://elsewhere.example.com")));
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(host, path, token, ("Origin", "null"))).Status);
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, path, token, ("Origin", $"https://127.0.0.1:{host.Port}"))).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(host, path, token, ("X-Forwarded-For", "10.0.0.1"))).Status);
        }

        // It asks; it does not read.
        using var reading = new HttpRequestMessage(HttpMethod.Get, "/api/v1/plans") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Http.SendAsync(reading)).StatusCode);
        Assert.DoesNotContain(token, host.Process.Output + host.Process.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Post_TokenOfAFileAndThroughAProxy_AreTakenWhereTheOptionsSaySo()
    {
        await using var world = await World.StartSandboxAsync();
        using var folder = new TestFolder();
        await DeployAsync(world);
        await using var host = await RunningHost.StartAsync(
            world, Hourly, ("ImageUpdater__Web__ApiTokenFile", folder.Write("token", ReaderToken + "\n")), ("ImageUpdater__Web__ApiThroughProxy", "true"));
        await host.ReadyAsync();

        Assert.False(File.Exists(world.State + ".api-token"));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, "/api/v1/check", ReaderToken, ("X-Forwarded-For", "10.0.0.1"))).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await host.AnswerAsync("/api/v1/check")).StatusCode);
        Assert.Equal("method not allowed; use POST\n", await host.TextAsync("/api/v1/plan"));
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(host, "/api/v1/check?nmae=web", ReaderToken)).Status);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid kind; use deployment, statefulset or daemonset\n"), await PostAsync(host, "/api/v1/check?kind=pod", ReaderToken));
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(host, "/api/v1/plan?refresh=later", ReaderToken)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(host, "/api/v1/check?name=nothing", ReaderToken)).Status);
    }

    [Fact]
    public async Task TokenFile_IsALink_IsNotWrittenThroughAndEverybodyIsRefused()
    {
        await using var world = await World.StartSandboxAsync();
        using var folder = new TestFolder();
        var target = folder.Write("target", ReaderToken);
        File.CreateSymbolicLink(world.State + ".api-token", target);
        await using var host = await RunningHost.StartAsync(world, Hourly);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "the API token can't be read; see the log\n"), await PostAsync(host, "/api/v1/check", ReaderToken));
        Assert.Equal(ReaderToken, await File.ReadAllTextAsync(target));
        await Eventually.HoldsAsync("the log says why", () => Task.FromResult(host.Process.Output.Contains(".api-token' is a symbolic link", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Check_NewDigest_IsServedAtOnceAndRolledOut()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        await using var host = await RunningHost.StartAsync(world, Hourly);
        await host.ReadyAsync();
        var digest = await world.PushAsync("web", "second");

        var (status, json) = await PostAsync(host, $"/api/v1/check?kind=deployment&name=web&namespace={world.Namespace}", TokenOf(world));

        Assert.Equal(HttpStatusCode.OK, status);
        var image = Assert.Single(JsonNode.Parse(json)!["items"]!.AsArray())!;
        Assert.Equal(digest, image["digest"]!.GetValue<string>());
        Assert.Equal($"{world.Namespace}/deployment/web", Assert.Single(image["workloads"]!.AsArray())!.GetValue<string>());
        await Eventually.HoldsAsync("it is restarted", async () => await world.RestartedAtAsync("Deployment", "web") is not null, () => host.Process.Output);
    }

    /// <summary>An approval is not overridden, and the plan is stored for those who read.</summary>
    [Fact]
    public async Task Plan_HeldForApproval_ShowsItAndRestartsNothing()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world, ("approval", "required"));
        await using var host = await RunningHost.StartAsync(world, Hourly);
        await host.ReadyAsync();
        await world.PushAsync("web", "second");

        var (status, json) = await PostAsync(host, $"/api/v1/plan?namespace={world.Namespace}", TokenOf(world));

        Assert.Equal(HttpStatusCode.OK, status);
        var plan = JsonNode.Parse(json)!;
        Assert.Equal("approval-required", plan["workloads"]![0]!["containers"]![0]!["reason"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await host.AnswerAsync($"/api/v1/plans/{plan["id"]}")).StatusCode);
        await PostAsync(host, "/api/v1/check", TokenOf(world));
        Assert.Null(await world.RestartedAtAsync("Deployment", "web"));
    }

    [Fact]
    public async Task Check_RegistryThatIsBackingOff_IsNotAsked()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        using var limited = world.Registry!.Faults.Add(new RegistryFault { Status = 429, RetryAfter = "600" });
        await using var host = await RunningHost.StartAsync(world, Hourly);
        await host.ReadyAsync();
        var before = world.Registry.Requests.Count("HEAD");
        limited.Dispose();

        var (status, json) = await PostAsync(host, "/api/v1/check", TokenOf(world));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotNull(JsonNode.Parse(json)!["items"]![0]!["failure"]);
        Assert.Equal(before, world.Registry.Requests.Count("HEAD"));
        Assert.True(before > 0);
    }

    /// <summary>All that wait while a cycle runs are answered by the next one, with one check; more than that are refused.</summary>
    [Fact]
    public async Task Check_ManyAtOnce_ShareOneCheckAndTakeNoReadersPlace()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAsync(world);
        await using var host = await RunningHost.StartAsync(world, Hourly);
        await host.ReadyAsync();
        var (token, before) = (TokenOf(world), world.Registry!.Requests.Count("HEAD"));
        var go = new TaskCompletionSource();
        using var slow = world.Registry.Faults.Add(new RegistryFault { Hold = go.Task, Times = 1 });

        var first = PostAsync(host, "/api/v1/check", token);
        await Eventually.HoldsAsync("the first check is sent", () => Task.FromResult(world.Registry.Faults.All.Count == 0), () => host.Process.Output);
        var others = Enumerable.Range(0, 20).Select(_ => PostAsync(host, "/api/v1/check", token)).ToList();
        var refused = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var ended = await Task.WhenAny(others);
            others.Remove(ended);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ended).Status);
            refused.Add((await ended).Body);
        }

        Assert.Equal(HttpStatusCode.OK, (await host.AnswerAsync("/api/v1/plans")).StatusCode);
        go.SetResult();

        Assert.All(refused, body => Assert.Equal("16 requests wait for a check already; retry in a few seconds\n", body));
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        Assert.All(await Task.WhenAll(others), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(before + 2, world.Registry.Requests.Count("HEAD"));
    }

    private static async Task DeployAsync(World world, params (string, string)[] annotations)
    {
        await world.PushAsync("web", "first");
        await world.DeployAsync(Manifests.Deployment("web", ("app", world.Image("web"))).Enabled(annotations));
        await world.Sandbox!.WaitUntilSettledAsync();
    }

    private static string TokenOf(World world) => File.ReadAllText(world.State + ".api-token").Trim();

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(RunningHost host, string path, string? token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await host.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
