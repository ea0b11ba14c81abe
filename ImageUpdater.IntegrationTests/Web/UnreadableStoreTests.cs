using System.Net;
using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using Microsoft.Data.Sqlite;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>If the store can't be read, endpoints return an error message with a status code that tells scripts to retry.</summary>
public sealed class UnreadableStoreTests
{
    [Fact]
    public async Task Api_StoreCannotBeRead_Answers503WithAMessage()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await MetricsTests.StartWithARestartAsync(world);
        var plan = JsonNode.Parse(await host.TextAsync("/api/v1/plans?limit=1"))!["items"]![0]!["id"]!.GetValue<string>();

        Break(world.State, "UPDATE plans SET status = 'Bored'; UPDATE rollouts SET state = 'Bored'; UPDATE decisions SET action = 'Bored'");

        // The writing process has cached the last decisions, so /api/v1/workloads and the held workloads are served without the file.
        foreach (var path in new[] { "/", "/reports/24h.md", "/api/v1/plans", $"/api/v1/plans/{plan}", "/api/v1/rollouts" })
        {
            using var answer = await host.AnswerAsync(path);
            var message = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{path}: {answer.StatusCode} {message}");
            Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
            Assert.StartsWith($"{world.State} contains a value that this version can't read", message, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", message, StringComparison.Ordinal);
        }

        Assert.Equal("ok\n", await host.TextAsync("/healthz"));
    }

    [Fact]
    public async Task Api_InvalidJsonInOneRollout_IsAnErrorAboutThatRolloutWhereItIsNeeded()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await MetricsTests.StartWithARestartAsync(world);
        var plan = JsonNode.Parse(await host.TextAsync("/api/v1/plans?limit=1"))!["items"]![0]!["id"]!.GetValue<string>();
        var rollout = JsonNode.Parse(await host.TextAsync("/api/v1/rollouts"))!["items"]![0]!["id"]!.GetValue<string>();

        Break(world.State, "UPDATE rollouts SET changes = '[{'");

        foreach (var path in new[] { "/api/v1/plans", $"/api/v1/plans/{plan}", "/api/v1/workloads", "/api/v1/rollouts?namespace=elsewhere", "/?namespace=elsewhere", "/readyz" })
            Assert.Equal((path, HttpStatusCode.OK), (path, (await host.AnswerAsync(path)).StatusCode));
        foreach (var path in new[] { "/", "/reports/24h.md", "/api/v1/rollouts" })
        {
            using var answer = await host.AnswerAsync(path);
            Assert.Equal((path, HttpStatusCode.InternalServerError), (path, answer.StatusCode));
            Assert.StartsWith($"rollout {rollout} in {world.State} has a value that this version can't read (", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Api_Bug_Answers500WithAMessage()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await RunningHost.StartAsync(world);
        await host.ReadyAsync();

        Break(world.State, "ALTER TABLE plans RENAME TO elsewhere");

        using var answer = await host.AnswerAsync("/api/v1/plans");
        Assert.Equal((HttpStatusCode.InternalServerError, "unexpected error; see the log\n"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        await Eventually.HoldsAsync("the log says where", () => Task.FromResult($"{host.Process.Output}{host.Process.Errors}".Contains("Request for /api/v1/plans failed", StringComparison.Ordinal)), () => host.Process.Output);
    }

    internal static void Break(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=10");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
