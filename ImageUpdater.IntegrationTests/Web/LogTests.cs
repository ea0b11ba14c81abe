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
        await using var host = await MetricsTests.StartWithARestartAsync(world, ("ImageUpdater__Logs", "Json"), ("Logging__LogLevel__Microsoft", "Information"));
        var rollouts = JsonNode.Parse(await host.TextAsync("/api/v1/rollouts"))!["items"]!.AsArray();
        var rollout = Assert.Single(rollouts)!;

        var lines = (await host.Process.TerminateAsync()).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();

        Assert.All(lines, line => Assert.NotNull(line["Timestamp"]));
        var records = lines.Where(line => line["Category"]!.GetValue<string>().EndsWith("LogAndCounters", StringComparison.Ordinal)).Select(line => line["State"]!).ToList();
        Assert.Equal(["Adopted", "Restarted", "RolloutSucceeded"], records.Select(record => record["Action"]!.GetValue<string>()));
        Assert.All(records.Skip(1), record => Assert.Equal(rollout["id"]!.GetValue<string>(), record["RolloutId"]!.GetValue<string>()));
        Assert.All(records.Skip(1), record => Assert.Equal(rollout["planId"]!.GetValue<string>(), record["PlanId"]!.GetValue<string>()));
        Assert.Contains(lines, line => line["Category"]!.GetValue<string>().StartsWith("Microsoft.", StringComparison.Ordinal));
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

    [Theory]
    [InlineData("ImageUpdater__Logs", "Xml", "ImageUpdater__Logs: invalid value 'Xml'; use Text or Json")]
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
}
