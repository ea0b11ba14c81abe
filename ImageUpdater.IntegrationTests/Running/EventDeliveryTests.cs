using System.Diagnostics;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Every committed record becomes an event, exactly once, even if the process or the API fails in between.</summary>
public sealed class EventDeliveryTests
{
    [Fact]
    public async Task Kill_BetweenCommitAndSend_TheNextProcessSends()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAndPushAsync(world);
        await KillAsync(world, Events with { Hold = new TaskCompletionSource().Task, Times = 1 });
        Assert.Empty(await EventsAsync(world));

        await using var next = Controller.Start(world);
        await next.UntilAsync("it is told", async () => (await EventsAsync(world)).Count > 0);
        await next.CyclesAsync();

        Assert.Equal(["Restarted"], await EventsAsync(world));
        Assert.Equal(0, await next.StopAsync());
    }

    [Fact]
    public async Task Kill_BetweenSendAndCursor_IsSentAgainAndStaysOne()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAndPushAsync(world);
        await KillAsync(world, Events with { HoldAnswer = new TaskCompletionSource().Task, Times = 1 });
        Assert.Equal(["Restarted"], await EventsAsync(world));

        await using var next = Controller.Start(world);
        await next.UntilAsync("it is sent again", () => Sent(world).Any(request => request.Status == 409));
        await next.CyclesAsync();

        Assert.Equal(["Restarted"], await EventsAsync(world));
        var (_, metrics) = await next.GetAsync("/metrics");
        Assert.Contains("image_updater_events_total{result=\"sent\"} 1\n", metrics);
        Assert.Equal(0, await next.StopAsync());
    }

    [Fact]
    public async Task Run_ApiTakesNoEventsForAWhile_SendsThemLater()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAndPushAsync(world);
        world.Sandbox!.Faults.Add(Events with { CutBefore = true, Times = 3 });

        await using var run = Controller.Start(world);
        await run.UntilAsync("it is told", async () => (await EventsAsync(world)).Count > 0);

        Assert.Equal(["Restarted"], await EventsAsync(world));
        Assert.Equal(0, await run.StopAsync());
    }

    [Fact]
    public async Task Apply_EventsAreSlow_WaitsForThem()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAndPushAsync(world);
        world.Sandbox!.Faults.Add(Events with { Delay = TimeSpan.FromSeconds(2), Times = 1 });

        var apply = await world.ApplyAsync("--wait=false");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Equal(["Restarted"], await EventsAsync(world));
    }

    [Fact]
    public async Task Apply_EventsHang_EndsAfterFiveSecondsAndTheNextOneSends()
    {
        await using var world = await World.StartSandboxAsync();
        await DeployAndPushAsync(world);
        world.Sandbox!.Faults.Add(Events with { Hold = new TaskCompletionSource().Task, Times = 1 });

        var watch = Stopwatch.StartNew();
        var apply = await world.ApplyAsync("--wait=false");
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
        Assert.Empty(await EventsAsync(world));

        Assert.Equal(0, (await world.ApplyAsync("--wait=false")).ExitCode);
        Assert.Equal(["Restarted"], await EventsAsync(world));
    }

    private static ClusterFault Events => new() { Method = "POST", PathContains = "/events" };

    private static async Task DeployAndPushAsync(World world)
    {
        await world.DeployRolledOutAsync("web");
        await world.PlanAsync();
        await world.PushAsync("web", "two");
    }

    private static async Task KillAsync(World world, ClusterFault held)
    {
        world.Sandbox!.Faults.Add(held);
        await using var killed = Controller.Start(world);
        await killed.UntilAsync("an event is under way", () => world.Sandbox.Faults.IsMet(held));
        if (held.HoldAnswer is not null)
            await killed.UntilAsync("it arrived", async () => (await EventsAsync(world)).Count > 0);
        await killed.UntilAsync("the rollout is written down", async () => (await StoredState.ReadAsync(world)).Of(AuditAction.RolloutSucceeded).Count > 0);
        await killed.KillAsync();
    }

    private static IEnumerable<RequestRecord> Sent(World world) => world.Sandbox!.Requests.Matching("POST", "/apis/events.k8s.io/");

    private static async Task<IReadOnlyList<string>> EventsAsync(World world)
    {
        var list = await world.Api.GetAsync($"/apis/events.k8s.io/v1/namespaces/{world.Namespace}/events");
        return
        [
            .. list["items"]!.AsArray().OfType<JsonNode>()
                .Where(item => item["reportingController"]?.GetValue<string>() == "image-updater").Select(item => item["reason"]!.GetValue<string>()),
        ];
    }
}
