using ImageUpdater.Core.Applying;
using ImageUpdater.Host;
using ImageUpdater.Host.Commands;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Tracking;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;
using Microsoft.Extensions.DependencyInjection;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>A cycle looks into the store once: what has not changed is not read again.</summary>
public sealed class StoreQueriesTests
{
    private static readonly string[] OfAHold = ["manifests", "manifest_reads", "manifests", "images"];
    // Of two workloads, one held. The new observation; what both could be restarted for; the plan and its decisions; the intent and the patch; the plan's status.
    private const string OfOneRestart =
        "images manifests manifests manifest_reads manifests manifest_reads manifests images plans plan_workloads workloads decisions baselines rollouts rollouts "
        + "quarantine workloads baselines audit_counter plans";


    [Fact]
    public async Task Cycle_NothingNewOrOneRestart_ReadsWhatHasChangedAlone()
    {
        await using var world = await World.StartSandboxAsync();
        foreach (var name in new[] { "web", "held", "other" })
            await world.DeployRolledOutAsync(name, workload => name == "held" ? workload.Enabled(("approval", "required")) : workload);
        using var queries = new StoreQueries(world.State);
        var environment = world.HostEnvironment.Where(variable => variable.Value is not null).ToDictionary(variable => variable.Key, variable => variable.Value!, StringComparer.Ordinal);
        await using var app = RunCommand.Build(new Call("run", environment, world.State, world.Kubeconfig));
        var pipeline = app.Services.GetRequiredService<Pipeline>();
        var tracker = app.Services.GetRequiredService<RolloutTracker>();
        await CycleAsync(Refresh.All);
        await CycleAsync(Refresh.Due);
        queries.Take();
        await CycleAsync(Refresh.Due);
        Assert.Equal([], queries.Take());

        // What a workload that is held could be restarted for is looked up: the manifests on both sides, and whether the tag flaps.
        await world.PushAsync("held", "two");
        await CycleAsync(Refresh.All);
        await CycleAsync(Refresh.Due);
        queries.Take();
        Assert.Equal(1, (await CycleAsync(Refresh.Due)).Plan.Counts.Held);
        Assert.Equal(OfAHold, queries.Take());

        await world.PushAsync("web", "two");
        // Without the tracker, which may find it rolled out already.
        var restart = await ReconcileAsync(Refresh.All);
        Assert.Equal(1, restart.Plan.Counts.Restart);
        var taken = string.Join(' ', queries.Take());
        Assert.True(taken == OfOneRestart, taken);

        while ((await tracker.TrackAsync(default)).Any(rollout => rollout.State == RolloutState.Running))
            await Task.Delay(100);
        // One cycle records that it is up to date, and one reads that.
        await CycleAsync(Refresh.Due);
        await CycleAsync(Refresh.Due);
        queries.Take();
        await CycleAsync(Refresh.Due);
        Assert.Equal(OfAHold, queries.Take());

        async Task<MadePlan> CycleAsync(Refresh refresh)
        {
            var made = await ReconcileAsync(refresh);
            await tracker.TrackAsync(default);
            return made;
        }

        async Task<MadePlan> ReconcileAsync(Refresh refresh) => (await pipeline.ReconcileAsync(new PlanRequest("test") { Refresh = refresh }, default)).Value!.Made;
    }
}
