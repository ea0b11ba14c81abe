using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class LogTests
{
    [Fact]
    public async Task Run_LogsAsJson_OneObjectALineWithIdsInThoseAboutARollout()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await MetricsTests.StartWithARestartAsync(world, ("ImageUpdater__LogFormat", "Json"), ("Logging__LogLevel__Microsoft", "Information"), ("Logging__LogLevel__ImageUpdater.Host.Auditing", "Debug"));
        var rollouts = JsonNode.Parse(await host.TextAsync("/api/v1/rollouts"))!["items"]!.AsArray();
        var rollout = Assert.Single(rollouts)!;

        var lines = (await host.Process.TerminateAsync()).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();

        Assert.All(lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", Text(line, "ts")));
        Assert.All(lines, line => Assert.Contains(Text(line, "level"), (string[])["debug", "info", "warn"]));
        var records = lines.Where(line => Text(line, "category").EndsWith("LogAndCounters", StringComparison.Ordinal)).ToList();
        Assert.Equal(["Adopted", "Restarted", "RolloutSucceeded"], records.Select(record => Text(record, "action")));
        Assert.All(records.Skip(1), record => Assert.Equal(rollout["id"]!.GetValue<string>(), Text(record, "rollout")));
        Assert.All(records.Skip(1), record => Assert.Equal(rollout["planId"]!.GetValue<string>(), Text(record, "plan")));
        var restarted = records[1];
        Assert.Equal((401, "info", "web", world.Image("web"), "DigestChanged"), (restarted["event"]!.GetValue<int>(), Text(restarted, "level"), Text(restarted, "container"), Text(restarted, "image"), Text(restarted, "reason")));
        Assert.Equal($"{world.Namespace}/deployment/web", Text(restarted, "workload"));
        Assert.StartsWith($"{world.Namespace}/deployment/web: Restarted: web (", Text(restarted, "message"), StringComparison.Ordinal);
        Assert.Matches("^sha256:[0-9a-f]{64}$", Text(restarted, "from"));
        Assert.NotEqual(Text(restarted, "from"), Text(restarted, "to"));
        Assert.True(records[2]["took"]!.GetValue<double>() > 0);
        var first = Assert.Single(lines, line => line["event"]!.GetValue<int>() == 113);
        Assert.Equal((1, 1, 1), (first["enabled"]!.GetValue<int>(), first["containers"]!.GetValue<int>(), first["images"]!.GetValue<int>()));
        Assert.Equal(310, lines[0]["event"]!.GetValue<int>());
        Assert.Matches("^Stopped after .+: cycles: [0-9]+ \\(0 failed\\); restarts: 1; rollouts: 1 succeeded, 0 failed; in progress: nothing$", Text(lines[^1], "message"));
        Assert.Contains(lines, line => Text(line, "category").StartsWith("Microsoft.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_LogsAsText_OfAPartTurnedOff_AreNotThere()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await MetricsTests.StartWithARestartAsync(world, ("Logging__LogLevel__ImageUpdater.Host.Scheduling", "Warning"));

        var output = (await host.Process.TerminateAsync()).Output;

        Assert.Contains("deployment/web: Restarted: web (", output);
        Assert.DoesNotContain("Host.Scheduling", output);
    }

    [Fact]
    public async Task Run_WhatFailsInEveryCycle_IsLoggedOnce()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await MetricsTests.StartWithARestartAsync(world);
        world.Sandbox!.Forbidden = [new ForbiddenVerb("patch", "deployments")];
        await world.PushAsync("web", "three");
        await Eventually.HoldsAsync(
            "it was tried three times",
            async () => Regex.IsMatch(await host.TextAsync("/metrics"), "image_updater_applied_changes_total.kind=\"deployment\",outcome=\"failed\". ([3-9]|[1-9][0-9])", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)),
            () => host.Process.Output);

        var output = (await host.Process.TerminateAsync()).Output;

        Assert.Single(Regex.Matches(output, "deployment/web: Failed: ", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Single(Regex.Matches(output, "deployment/web: RestartFailed: ", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.DoesNotContain("Nothing new: ", output[output.IndexOf("RestartFailed", StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task Run_LogFormatOfTheCommandLine_OverridesTheOption()
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment["ImageUpdater__LogFormat"] = "Text";
        world.HostEnvironment["ImageUpdater__Listen"] = $"127.0.0.1:{RunningHost.FreePort()}";
        await using var run = world.Start("run", "--log-format", "json");
        await Eventually.HoldsAsync("it logs", () => Task.FromResult(run.Output.Contains("First look", StringComparison.Ordinal)), () => run.Output + run.Errors);

        Assert.All((await run.TerminateAsync()).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.NotNull(JsonNode.Parse(line)!["ts"]));
    }

    [Theory]
    [InlineData("ImageUpdater__LogFormat", "Xml", "ImageUpdater__LogFormat: invalid value 'Xml'; use Text or Json")]
    [InlineData("ImageUpdater__Logs", "Json", "ImageUpdater__Logs was replaced; set ImageUpdater__LogFormat")]
    [InlineData("Logging__LogLevel__Default", "Loud", "Logging__LogLevel__Default: invalid value 'Loud'; use Trace")]
    public async Task Run_WrongLogOption_IsRefusedInAMessage(string name, string value, string message)
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment[name] = value;

        await using var run = world.Start("run");
        var result = await run.EndAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Errors);
    }

    private static string Text(JsonNode line, string name) => line[name]!.GetValue<string>();
}
