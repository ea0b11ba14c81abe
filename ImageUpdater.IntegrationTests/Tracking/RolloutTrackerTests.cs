using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Tracking;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Tracking;

/// <summary>
/// A rollout under way, what the informer shows of its workload, and what a GET of it answers: the test writes both, and they need not agree.
/// </summary>
public sealed class RolloutTrackerTests : IAsyncLifetime
{
    private const string Ours = "2026-11-22T10:00:00Z";
    private const string Before = "2026-11-21T08:00:00Z";
    private const string After = "2026-11-22T10:00:30Z";

    private static readonly WorkloadKey Web = new("a", WorkloadKind.Deployment, "web");

    private readonly ScriptedTime time = new();
    private readonly ScriptedWatch script = new();
    private readonly TestFolder folder = new();
    private RequestDelegate get = ScriptedApi.Json(Item(Ours));
    private ScriptedApi api = null!;
    private ClusterClient client = null!;
    private Informers informers = null!;
    private StateStore store = null!;
    private RolloutTracker tracker = null!;

    public async ValueTask InitializeAsync()
    {
        api = await ScriptedApi.StartAsync(context => context switch
        {
            { Request.Path.Value: { } path } when path.EndsWith("/web", StringComparison.Ordinal) => get(context),
            { Request.Path.Value: { } path } when path.EndsWith("/pods", StringComparison.Ordinal) => ScriptedApi.Json("""{"items":[]}""")(context),
            _ when context.Request.Query.ContainsKey("watch") => script.AnswerAsync(context),
            _ => ScriptedApi.Json($$"""{"metadata":{"resourceVersion":"100"},"items":[{{Item(Before)}}]}""")(context),
        });
        client = Connections.Client(api, time);
        informers = new Informers(() => { }, client, time, NullLogger<Informers>.Instance);
        store = (await StateStore.OpenAsync(new StateStoreOptions { Path = Path.Combine(folder.Path, "state.db") }, time, CancellationToken.None)).Value!;
        tracker = Tracker(informers, minutes: 10);

        var rollout = new Rollout
        {
            Id = "r-1",
            Workload = Web,
            Uid = "u-web",
            Actor = "controller",
            StartedAt = time.GetUtcNow(),
            RestartedAt = Ours,
            PreviousRestartedAt = Before,
            LastDigest = "",
            Patch = "{}",
            ResourceVersionBefore = "5",
            Changes = [],
            Baselines = [],
            PullPolicies = [],
        };
        await store.Applying.BeginRolloutAsync(rollout, CancellationToken.None);
        await store.Applying.MarkPatchedAsync("r-1", "6", AuditRecords.Restarted(rollout, time.GetUtcNow(), recovered: false), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        script.End();
        await informers.DisposeAsync();
        client.Dispose();
        await store.DisposeAsync();
        await api.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Track_InformerShowsOurRestart_AsksForNothing()
    {
        await WatchAsync();
        await SendAsync("MODIFIED", Item(Ours, updated: 1));
        Assert.Equal((RolloutState.Running, "1 of 2 new replicas have been updated"), await TrackAsync());

        await SendAsync("MODIFIED", Item(Ours));
        Assert.Equal((RolloutState.Succeeded, "rolled out"), await TrackAsync());
        Assert.Equal(0, Gets);
    }

    [Fact]
    public async Task Track_InformerShowsThatItFailed_AsksForNothing()
    {
        await WatchAsync();
        await SendAsync("MODIFIED", Item(Ours, updated: 1, conditions: """{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}"""));

        Assert.Equal((RolloutState.Failed, "the rollout exceeded its progress deadline"), await TrackAsync());
        Assert.Equal(0, Gets);
    }

    [Fact]
    public async Task Track_InformerLagsBehindOurPatch_IsNotSuperseded()
    {
        await WatchAsync();
        get = ScriptedApi.Json(Item(Ours, updated: 1));

        Assert.Equal(RolloutState.Running, (await TrackAsync()).State);
        Assert.Equal(1, Gets);
    }

    [Fact]
    public async Task Track_InformerShowsAnotherRestart_IsSupersededOnceAGetSaysSo()
    {
        await WatchAsync();
        await SendAsync("MODIFIED", Item(After));
        get = ScriptedApi.Status(503, "ServiceUnavailable", "etcd is away");
        Assert.Equal((RolloutState.Running, "etcd is away"), await TrackAsync());

        get = ScriptedApi.Json(Item(After));
        Assert.Equal((RolloutState.Superseded, $"superseded by another restart at {After}"), await TrackAsync());
    }

    [Fact]
    public async Task Track_RestartedAtIsWhatItWasBefore_IsRevertedOnceKubernetesIsBackThere()
    {
        await WatchAsync();
        await SendAsync("MODIFIED", Item(Ours, updated: 1));
        Assert.Equal(RolloutState.Running, (await TrackAsync()).State);

        await SendAsync("MODIFIED", Item(Before, updated: 1));
        get = ScriptedApi.Json(Item(Before, updated: 1));
        Assert.Equal((RolloutState.Running, $"restartedAt was reset to {Before}; 1 of 2 new replicas have been updated"), await TrackAsync());
        get = ScriptedApi.Json(Item(Before));
        Assert.Equal((RolloutState.Reverted, $"restartedAt was reset to {Before}"), await TrackAsync());
    }

    [Fact]
    public async Task Track_WorkloadIsDisabled_IsTrackedToItsEnd()
    {
        await WatchAsync();
        await SendAsync("MODIFIED", Item(Ours, updated: 1, enabled: "false"));
        get = ScriptedApi.Json(Item(Ours, updated: 1, enabled: "false"));
        Assert.Equal(RolloutState.Running, (await TrackAsync()).State);

        get = ScriptedApi.Json(Item(Ours, enabled: "false"));
        Assert.Equal(RolloutState.Succeeded, (await TrackAsync()).State);
    }

    [Fact]
    public async Task Track_InformerShowsNoWorkload_IsGoneOnceAGetSaysSo()
    {
        await WatchAsync();
        await SendAsync("DELETED", Item(Ours));
        Assert.Equal(RolloutState.Succeeded, (await TrackAsync()).State);
        Assert.Equal(1, Gets);
    }

    [Fact]
    public async Task Track_WorkloadWasDeleted_IsGone()
    {
        await WatchAsync();
        await SendAsync("DELETED", Item(Ours));
        get = ScriptedApi.Status(404, "NotFound", "deployments.apps \"web\" not found");

        Assert.Equal((RolloutState.WorkloadGone, "the workload was deleted before the rollout ended"), await TrackAsync());
    }

    [Fact]
    public async Task Track_WorkloadWasRecreated_IsGone()
    {
        await WatchAsync();
        await SendAsync("DELETED", Item(Ours));
        await SendAsync("ADDED", Item(Ours, uid: "u-other"));
        get = ScriptedApi.Json(Item(Ours, uid: "u-other"));

        Assert.Equal(RolloutState.WorkloadGone, (await TrackAsync()).State);
    }

    [Fact]
    public async Task Track_WatchHangs_AReadConfirmsEveryThirtySeconds()
    {
        await WatchAsync();
        await SendAsync("MODIFIED", Item(Ours, updated: 1));
        get = ScriptedApi.Json(Item(Ours, updated: 1));
        Assert.Equal(RolloutState.Running, (await TrackAsync()).State);
        time.Advance(TimeSpan.FromSeconds(28));
        await TrackAsync();
        Assert.Equal(0, Gets);

        time.Advance(TimeSpan.FromSeconds(2));
        await TrackAsync();
        await TrackAsync();
        Assert.Equal(1, Gets);

        get = ScriptedApi.Json(Item(Ours));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(RolloutState.Succeeded, (await TrackAsync()).State);
    }

    [Fact]
    public async Task Track_WatchIsSilentTooLong_Asks()
    {
        await WatchAsync();
        await SendAsync("MODIFIED", Item(Ours, updated: 1));
        time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(RolloutState.Succeeded, (await TrackAsync()).State);
        Assert.Equal(1, Gets);
    }

    [Fact]
    public async Task Track_InformerShowsItRunningAtTheTimeout_IsTimedOutOnlyIfAGetSaysSoToo()
    {
        tracker = Tracker(informers, minutes: 2);
        await WatchAsync();
        await SendAsync("MODIFIED", Item(Ours, updated: 1));
        get = ScriptedApi.Json(Item(Ours, updated: 1));
        Assert.Equal(RolloutState.Running, (await PassAsync(minutes: 2)).State);

        time.Advance(TimeSpan.FromSeconds(20));
        get = ScriptedApi.Json(Item(Ours));
        Assert.Equal(RolloutState.Succeeded, (await TrackAsync()).State);
    }

    [Fact]
    public async Task Track_MorePodsThanEver_IsProgressAndAReturnIsNot()
    {
        tracker = Tracker(informers: null, minutes: 10);
        get = ScriptedApi.Json(Item(Ours, updated: 1));
        Assert.Equal(RolloutState.Running, (await PassAsync(minutes: 9)).State);

        get = ScriptedApi.Json(Item(Ours, available: 1));
        Assert.Equal(RolloutState.Running, (await PassAsync(minutes: 9)).State);
        get = ScriptedApi.Json(Item(Ours, available: 0));
        Assert.Equal(RolloutState.Running, (await PassAsync(minutes: 1)).State);

        get = ScriptedApi.Json(Item(Ours, available: 1));
        Assert.Equal((RolloutState.TimedOut, "timed out after 10m without progress: 1 of 2 updated replicas are available"), await PassAsync(minutes: 2));
    }

    [Fact]
    public async Task Track_WorkloadCannotBeRead_TheTimeDoesNotCount()
    {
        tracker = Tracker(informers: null, minutes: 10);
        get = ScriptedApi.Json(Item(Ours, updated: 1));
        await PassAsync(minutes: 6);
        get = ScriptedApi.Status(503, "ServiceUnavailable", "etcd is away");
        Assert.Equal(RolloutState.Running, (await PassAsync(minutes: 60)).State);

        get = ScriptedApi.Json(Item(Ours, updated: 1));
        Assert.Equal(RolloutState.Running, (await PassAsync(minutes: 4)).State);
        Assert.Equal(RolloutState.TimedOut, (await PassAsync(minutes: 2)).State);
    }

    [Fact]
    public async Task Track_NextProcess_GoesOnCounting()
    {
        get = ScriptedApi.Json(Item(Ours, updated: 1));
        await PassAsync(minutes: 9);
        tracker = Tracker(informers, minutes: 10);
        time.Advance(TimeSpan.FromHours(3));

        // Nobody tracked for three hours; one minute of them counts.
        Assert.Equal(RolloutState.Running, (await PassAsync(minutes: 0)).State);
        Assert.Equal(RolloutState.TimedOut, (await PassAsync(minutes: 2)).State);
    }

    [Fact]
    public async Task Track_CommandsOnly_TheTimeBetweenThemCounts()
    {
        get = ScriptedApi.Json(Item(Ours, updated: 1));
        tracker = Tracker(informers: null, minutes: 10);
        await TrackAsync();
        tracker = Tracker(informers: null, minutes: 10);
        time.Advance(TimeSpan.FromHours(3));

        Assert.Equal(RolloutState.TimedOut, (await TrackAsync()).State);
    }

    [Fact]
    public async Task Track_DeploymentHasADeadline_ItCountsFirst()
    {
        get = ScriptedApi.Json(Item(Ours, updated: 1, spec: """ "progressDeadlineSeconds":1200, """));
        Assert.Equal(RolloutState.Running, (await PassAsync(minutes: 20)).State);
        Assert.Equal("timed out after 21m without progress: 1 of 2 new replicas have been updated", (await PassAsync(minutes: 2)).Explanation);
    }

    /// <summary>A cycle restarts the workload again while the tracker reads it: what was read is of the rollout that is superseded.</summary>
    [Fact]
    public async Task Track_EndedElsewhereInBetween_IsWhatWasRecorded()
    {
        tracker = Tracker(informers: null, minutes: 10);
        get = async context =>
        {
            var next = (await store.Applying.OpenRolloutsAsync(CancellationToken.None))[0] with { Id = "r-2", State = RolloutState.Intended, RestartedAt = After };
            await store.Applying.BeginRolloutAsync(next, CancellationToken.None);
            await store.Applying.MarkPatchedAsync("r-2", "7", AuditRecords.Restarted(next, time.GetUtcNow(), recovered: false), CancellationToken.None);
            await ScriptedApi.Json(Item(Ours, updated: 1, conditions: """{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}"""))(context);
        };

        Assert.Equal((RolloutState.Superseded, "superseded by another restart before the rollout ended"), await TrackAsync());
        Assert.DoesNotContain(await store.Reporting.AuditAsync(new AuditFilter(), CancellationToken.None), record => record.Action == AuditAction.RolloutFailed);
    }

    [Fact]
    public async Task Track_WithoutInformers_AsksEachTime()
    {
        get = ScriptedApi.Json(Item(Ours, updated: 1));
        tracker = Tracker(informers: null, minutes: 10);

        await TrackAsync();
        await TrackAsync();
        Assert.Equal(2, Gets);
    }

    private RolloutTracker Tracker(Informers? informers, int minutes)
    {
        var options = OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ImageUpdater:RolloutTimeout"] = $"{minutes * 60}" }).Build()).Value!;
        return new RolloutTracker(client, store.Applying, new PodVerification(client, store.Observing), options.Restarts, time, informers);
    }

    private int Gets => api.Requests.Count(request => request.Path.EndsWith("/web", StringComparison.Ordinal));

    private Informer<WorkloadSnapshot> Informer => informers.Workloads(WorkloadKind.Deployment, @namespace: null);

    private async Task<(RolloutState State, string Explanation)> TrackAsync()
    {
        var tracked = Assert.Single(await tracker.TrackAsync(CancellationToken.None));
        return (tracked.State, tracked.Explanation);
    }

    /// <summary>Tracks every thirty seconds, and returns the last result.</summary>
    private async Task<(RolloutState State, string Explanation)> PassAsync(int minutes)
    {
        var tracked = await TrackAsync();
        for (var halves = 0; halves < minutes * 2 && tracked.State == RolloutState.Running; halves++)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            tracked = await TrackAsync();
        }

        return tracked;
    }

    private async Task WatchAsync()
    {
        Connections.Require(await Informer.ReadAsync(CancellationToken.None));
        await Eventually.HoldsAsync("the watch is open", () => Task.FromResult(Informer.IsLive));
    }

    private async Task SendAsync(string type, string item)
    {
        var version = Guid.NewGuid().ToString();
        script.Send(type, item);
        script.Send("BOOKMARK", $$$"""{"metadata":{"resourceVersion":"{{{version}}}"}}""");
        await Eventually.HoldsAsync("it was taken", async () => Connections.Require(await Informer.ReadAsync(CancellationToken.None)).Version == version);
    }

    private static string Item(string restartedAt, int updated = 2, string enabled = "true", string uid = "u-web", string conditions = "", int available = 2, string spec = "") => $$$"""
        {"metadata":{"name":"web","namespace":"a","uid":"{{{uid}}}","resourceVersion":"5","generation":3,"annotations":{"{{{Annotations.Enabled}}}":"{{{enabled}}}"} },
        "spec":{{{{spec}}}"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"annotations":{"{{{Annotations.RestartedAt}}}":"{{{restartedAt}}}"} },
        "spec":{"containers":[{"name":"c","image":"nginx"}]} } },
        "status":{"observedGeneration":3,"replicas":2,"readyReplicas":2,"availableReplicas":{{{available}}},"updatedReplicas":{{{updated}}},"conditions":[{{{conditions}}}]}}
        """.ReplaceLineEndings("");
}
