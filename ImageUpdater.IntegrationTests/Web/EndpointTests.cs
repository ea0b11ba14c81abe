using System.Net;
using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Running;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>Responses of the web endpoints to browsers, probes and scripts.</summary>
public sealed class EndpointTests
{
    private static readonly string[] Paths =
        ["/", "/reports", "/reports/24h", "/reports/24h.md", "/metrics", "/healthz", "/startupz", "/readyz", "/api/v1/plans", "/api/v1/rollouts", "/api/v1/workloads"];

    [Fact]
    public async Task EveryPath_GetHeadAndOthers_AnswerAsTheyShould()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await RunningHost.StartAsync(world);
        await host.ReadyAsync();

        foreach (var path in Paths)
        {
            using var get = await host.AnswerAsync(path);
            using var head = await host.AnswerAsync(path, HttpMethod.Head);
            using var post = await host.AnswerAsync(path, HttpMethod.Post);
            Assert.True(get.StatusCode == HttpStatusCode.OK, $"{path}: {get.StatusCode}");
            Assert.NotEmpty(await get.Content.ReadAsStringAsync());
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            Assert.Empty(await head.Content.ReadAsStringAsync());
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
            Assert.Contains("use GET or HEAD", await post.Content.ReadAsStringAsync());
            Assert.Equal("nosniff", Assert.Single(get.Headers.GetValues("X-Content-Type-Options")));
            Assert.False(get.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task WrongRequests_AreAnsweredInAMessage()
    {
        (string Path, int Status, string Message)[] rows =
        [
            ("/nothing", 404, "not found; try /"),
            ("/favicon.ico", 404, "not found; try /"),
            ("/reports/yesterday", 404, "invalid duration"),
            ("/api/v1/plans/p-none", 404, "plan p-none not found"),
            ("/api/v1/plans?limit=0", 400, "invalid limit; use a whole number"),
            ("/api/v1/rollouts?since=x", 400, "invalid since; use a duration"),
            ("/api/v1/workloads?limit=1e9", 400, "invalid limit; use a whole number"),
            ("/api/v1/workloads?limt=5", 400, "unknown parameter 'limt'; did you mean 'limit'?"),
            ("/api/v1/rollouts?colour=red", 400, "unknown parameter 'colour'; valid parameters: since, namespace, limit"),
            ("/api/v1/plans?namespace=shop", 400, "unknown parameter 'namespace'; valid parameters: limit"),
            ("/api/v1/plans/p-none?limit=5", 400, "unknown parameter 'limit'; this path has no parameters"),
            ("/?namespce=shop", 400, "unknown parameter 'namespce'; did you mean 'namespace'?"),
            ("/reports/24h.md?limit=5", 400, "unknown parameter 'limit'; valid parameters: namespace"),
            ("/reports/24h?namespace=Shop,media", 400, "invalid namespace; use the name of one namespace"),
            ("/api/v1/workloads?namespace=a&namespace=b", 400, "parameter 'namespace' is set more than once"),
        ];
        await using var world = await World.StartSandboxAsync();
        await using var host = await RunningHost.StartAsync(world);
        foreach (var (path, status, message) in rows)
        {
            using var answer = await host.AnswerAsync(path);
            Assert.True((int)answer.StatusCode == status, $"{path}: {answer.StatusCode}");
            Assert.Contains(message, await answer.Content.ReadAsStringAsync());
            using var head = await host.AnswerAsync(path, HttpMethod.Head);
            Assert.True((int)head.StatusCode == status, $"HEAD {path}: {head.StatusCode}");
        }

        // An empty parameter is an absent one. Prometheus can send parameters.
        foreach (var path in new[] { "/?namespace=", "/api/v1/rollouts?since=&namespace=&limit=", "/metrics?module=x" })
            Assert.Equal(HttpStatusCode.OK, (await host.AnswerAsync(path)).StatusCode);
    }

    [Fact]
    public async Task Reports_ImageThatCannotBeChecked_IsInTheReportOfItsNamespaceOnly()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        world.Registry!.Faults.Add(new RegistryFault { Status = 403 });
        await using var host = await RunningHost.StartAsync(world);
        await host.ReadyAsync();

        Assert.Contains("1 image can't be checked.", await host.TextAsync($"/reports/24h.md?namespace={world.Namespace}"));
        Assert.DoesNotContain("1 image can't be checked.", await host.TextAsync("/reports/24h.md?namespace=elsewhere"));
    }

    [Fact]
    public async Task Api_AfterARestart_ReturnsPlansRolloutsAndWorkloads()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await MetricsTests.StartWithARestartAsync(world);

        var plans = await ListAsync(host, "/api/v1/plans?limit=1", "PlanList");
        Assert.True(plans["hasMore"]!.GetValue<bool>());
        var plan = Assert.Single(plans["items"]!.AsArray())!;
        var whole = JsonNode.Parse(await host.TextAsync($"/api/v1/plans/{plan["id"]}"))!;
        Assert.Equal("RolloutPlan", whole["kind"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await host.AnswerAsync($"/api/v1/plans/{plan["id"]}", HttpMethod.Head)).StatusCode);

        var rollout = Assert.Single((await ListAsync(host, "/api/v1/rollouts?since=1h", "RolloutList"))["items"]!.AsArray())!;
        Assert.Equal("web", rollout["name"]!.GetValue<string>());
        Assert.Equal("succeeded", rollout["state"]!.GetValue<string>());
        Assert.Empty((await ListAsync(host, "/api/v1/rollouts?namespace=none", "RolloutList"))["items"]!.AsArray());

        Assert.Contains($"{world.Namespace}/deployment/", await host.TextAsync($"/reports/24h.md?namespace={world.Namespace}"));
        foreach (var page in new[] { "/", "/reports", "/reports/24h", "/reports/24h.md" })
            Assert.Contains("Nothing was restarted in this period.", await host.TextAsync($"{page}?namespace=elsewhere"));
        var workload = Assert.Single((await ListAsync(host, $"/api/v1/workloads?namespace={world.Namespace}", "WorkloadList"))["items"]!.AsArray())!;
        Assert.Equal("deployment", workload["kind"]!.GetValue<string>());
        var container = Assert.Single(workload["containers"]!.AsArray())!;
        Assert.Equal(world.Image("web"), container["image"]!.GetValue<string>());
        Assert.EndsWith("Z", container["since"]!.GetValue<string>());
    }

    private static async Task<JsonNode> ListAsync(RunningHost host, string path, string kind)
    {
        using var answer = await host.AnswerAsync(path);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        var list = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(kind, list["kind"]!.GetValue<string>());
        Assert.Equal("1.2", list["formatVersion"]!.GetValue<string>());
        return list;
    }
}
