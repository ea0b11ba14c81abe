using System.Net;
using System.Text.RegularExpressions;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.IntegrationTests.BadInput;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Running;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>More readers at the same time than the memory of the chart's pod (256 MiB) is enough for.</summary>
public sealed partial class ManyReadersTests
{
    // What the runtime allows itself in a container with a limit of 256 MiB: three quarters.
    private const string HeapLimit = "C000000";

    [Fact]
    public async Task Reports_MoreReadersThanCanBeServed_Answers503AndCyclesGoOn()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await FillAsync(world.State);
        await using var host = await RunningHost.StartAsync(world, ("DOTNET_GCHeapHardLimit", HeapLimit));
        await host.ReadyAsync();
        var before = await CyclesAsync(host);

        var answers = (await Task.WhenAll(Enumerable.Range(0, 200).Select(i => AnswerAsync(host, i % 2 == 0 ? "/" : "/api/v1/workloads")))).ToList();

        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.Status}: {answer.Text}"));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
        var rejected = answers.Where(answer => answer.Status == HttpStatusCode.ServiceUnavailable).ToList();
        Assert.NotEmpty(rejected);
        Assert.All(rejected, answer => Assert.Equal(("too many requests at the same time; retry in 5 seconds\n", 5), (answer.Text, answer.RetryAfter)));

        await Eventually.HoldsAsync("cycles go on", async () => await CyclesAsync(host) > before, () => host.Process.Output);
        Assert.DoesNotContain("OutOfMemory", $"{host.Process.Output}{host.Process.Errors}", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync(host, "/")).Status);
    }

    [GeneratedRegex("^image_updater_cycles_total\\{result=\"success\"\\} (?<count>\\d+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Cycles();

    private static async Task<int> CyclesAsync(RunningHost host) => int.Parse(Cycles().Match(await host.TextAsync("/metrics")).Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<(HttpStatusCode Status, string Text, double? RetryAfter)> AnswerAsync(RunningHost host, string path)
    {
        using var answer = await host.AnswerAsync(path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    // As many records as a report reads.
    private static async Task FillAsync(string path)
    {
        await using var store = await EmptyStore.OpenAsync(path);
        var plan = new RolloutPlan { CreatedAt = DateTimeOffset.UnixEpoch, Scope = PlanScope.Everything, Workloads = [] };
        var now = TimeProvider.System.GetUtcNow();
        var records = Enumerable.Range(0, 10_000).Select(i => new AuditRecord(
            now.AddMinutes(-i % 1_000), AuditAction.DecisionChanged, new("shop", WorkloadKind.Deployment, $"web-{i}"), $"uid-{i}", "controller", $"web held: {new string('x', 200)}", "web")).ToList();
        await store.Planning.SavePlanAsync("p1", plan, "run", new JournalEntry([], [], [], records), CancellationToken.None);
    }
}
