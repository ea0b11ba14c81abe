using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Requests;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class QuarantineTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    [Theory]
    [InlineData(RolloutState.Failed, 1)]
    [InlineData(RolloutState.TimedOut, 1)]
    [InlineData(RolloutState.Succeeded, 0)]
    [InlineData(RolloutState.Superseded, 0)]
    public async Task Finish_RolloutThatFailed_QuarantinesItsDigests(RolloutState state, int quarantined)
    {
        await using var store = await folder.OpenAsync();
        var rollout = await EndAsync(store, Samples.Rollout("r1"), state);

        var entries = await store.Planning.LoadQuarantineAsync(None);
        Assert.Equal(quarantined, entries.Count);
        Assert.Equal(quarantined, (await store.Reporting.AuditAsync(new AuditFilter(), None)).Count(record => record.Action == AuditAction.Quarantined));
        if (quarantined == 0)
            return;

        var change = rollout.Changes[0];
        Assert.Equal(
            new QuarantinedDigest(new("uid-web", change.Container), rollout.Workload, rollout.Baselines[0].Image, change.To, change.From, "r1", rollout.RestartedAt, Samples.Noon.AddMinutes(1), "it ended"),
            entries[0]);
    }

    [Fact]
    public async Task Finish_WhatWasPutBackFailsToo_IsNotQuarantined()
    {
        await using var store = await folder.OpenAsync();
        var rollout = Samples.Rollout("r1");
        await EndAsync(store, rollout with { Changes = [rollout.Changes[0] with { Reason = DecisionReason.PinPrevious }] }, RolloutState.Failed);
        Assert.Empty(await store.Planning.LoadQuarantineAsync(None));
    }

    [Fact]
    public async Task Finish_Mismatch_HoldsTheDigestUntilTheNextRolloutOfTheContainer()
    {
        await using var store = await folder.OpenAsync();
        await EndAsync(store, Samples.Rollout("r1"), RolloutState.Mismatch);

        var held = Assert.Single(await store.Planning.LoadQuarantineAsync(None));
        Assert.Equal(DecisionReason.Mismatch, held.Reason);
        Assert.DoesNotContain(await store.Reporting.AuditAsync(new AuditFilter(), None), record => record.Action == AuditAction.Quarantined);

        await EndAsync(store, Samples.Rollout("r2"), RolloutState.Succeeded);
        Assert.Empty(await store.Planning.LoadQuarantineAsync(None));
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Theory]
    [InlineData(RolloutState.Failed)]
    [InlineData(RolloutState.Reverted)]
    public async Task Retry_HeldDigest_IsMarkedUntilItIsRolledOutAgain(RolloutState state)
    {
        await using var store = await folder.OpenAsync();
        var rollout = await EndAsync(store, Samples.Rollout("r1"), state);
        Assert.Equal(1, await store.Planning.RetryAsync(rollout.Workload, "mona", None));
        Assert.Equal(0, await store.Planning.RetryAsync(rollout.Workload, "lisa", None));

        Assert.Equal("mona", Assert.Single(await store.Planning.LoadQuarantineAsync(None)).RetryBy);
        var record = Assert.Single(await store.Reporting.AuditAsync(new AuditFilter(), None), record => record.Action == AuditAction.RetryRequested);
        Assert.Equal(("mona", "r1"), (record.Actor, record.RolloutId));

        await EndAsync(store, Samples.Rollout("r2"), RolloutState.Succeeded);
        Assert.Empty(await store.Planning.LoadQuarantineAsync(None));
    }

    [Fact]
    public async Task Retry_DigestThatIsNoBaselineAnyMore_IsReleased()
    {
        await using var store = await folder.OpenAsync();
        var rollout = Samples.Rollout("r1");
        await EndAsync(store, rollout, RolloutState.Failed);
        await EndAsync(store, Samples.Rollout("r2") with { Changes = [], Baselines = [.. rollout.Baselines.Select(baseline => baseline with { Digest = Samples.Digest("another") })] }, RolloutState.Succeeded);

        Assert.Equal(1, await store.Planning.RetryAsync(rollout.Workload, "mona", None));
        Assert.Empty(await store.Planning.LoadQuarantineAsync(None));
    }

    [Fact]
    public async Task MarkReverted_RolloutThatSucceeded_HoldsItAndIsNoLongerTheLastThatDid()
    {
        await using var store = await folder.OpenAsync();
        var rollout = await EndAsync(store, Samples.Rollout("r1") with { PreviousRestartedAt = "before" }, RolloutState.Succeeded);
        Assert.Equal(new LastRestart("r1", rollout.RestartedAt, "before"), (await store.Applying.LastSucceededAsync(None))[rollout.Uid]);

        var end = new RolloutEnd(RolloutState.Reverted, Samples.Noon.AddHours(1), "somebody removed it", RolloutVerification.Mismatch, "pods run another");
        Assert.True(await store.Applying.MarkRevertedAsync("r1", end, AuditRecords.Ended(rollout, end), None));
        Assert.False(await store.Applying.MarkRevertedAsync("r1", end, AuditRecords.Ended(rollout, end), None));
        Assert.Empty(await store.Applying.LastSucceededAsync(None));
        var held = Assert.Single(await store.Planning.LoadQuarantineAsync(None));
        Assert.Equal((DecisionReason.Reverted, "somebody removed it; pods run another"), (held.Reason, held.Why));
        Assert.Single(await store.Reporting.AuditAsync(new AuditFilter(), None), record => record.Action == AuditAction.RolloutReverted);
    }

    [Fact]
    public async Task Retries_OfAnotherProcess_AreTakenOnce()
    {
        await using var store = await folder.OpenAsync();
        var request = new RetryRequest(new("default", WorkloadKind.StatefulSet, "a.b"), "mona");
        Assert.False(store.Retries.Any);
        store.Retries.Add(request);
        store.Retries.Add(request);
        Assert.True(store.Retries.Any);
        Assert.Equal(request, Assert.Single(store.Retries.Pending()));
        store.Retries.Done(request);

        // A request that was cut off while it was written, and a file of somebody else: neither may start a cycle for ever.
        foreach (var name in new[] { $".{Guid.NewGuid():N}", "notes.txt" })
            await File.WriteAllTextAsync(Path.Combine(folder.StorePath + ".retries", name), "mona");
        Assert.Empty(store.Retries.Pending());
    }

    [Fact]
    public async Task Lift_Mismatch_IsNoEndOfAQuarantine()
    {
        await using var store = await folder.OpenAsync();
        await EndAsync(store, Samples.Rollout("r1"), RolloutState.Mismatch);
        await store.Planning.LiftQuarantineAsync("r1", "all pods run it", "controller", None);
        var released = Assert.Single(await store.Reporting.AuditAsync(new AuditFilter(), None), record => record.Action == AuditAction.HoldReleased);
        Assert.EndsWith(" is no longer held: all pods run it", released.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RolloutState.Failed, AuditAction.RetryRequested, 1)]
    [InlineData(RolloutState.Mismatch, AuditAction.HoldReleased, 0)]
    public async Task Forget_Workload_AllowsItsDigestAgainWithARecord(RolloutState end, AuditAction recorded, int retries)
    {
        await using var store = await folder.OpenAsync();
        var rollout = await EndAsync(store, Samples.Rollout("r1"), end);
        await store.Planning.ForgetAsync(rollout.Workload, "mona", None);

        var left = await store.Planning.LoadQuarantineAsync(None);
        Assert.Equal(retries, left.Count);
        Assert.All(left, entry => Assert.Equal("mona", entry.RetryBy));
        var record = Assert.Single(await store.Reporting.AuditAsync(new AuditFilter(), None), record => record.Action == recorded);
        Assert.Equal(("mona", "r1"), (record.Actor, record.RolloutId));
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Theory]
    [InlineData("new", true)]
    [InlineData("newer", false)]
    public async Task Prune_OldQuarantine_StaysWhileTheTagServesTheDigest(string served, bool stays)
    {
        await using var store = await folder.OpenAsync();
        await store.KnowAsync("uid-web");
        await EndAsync(store, Samples.Rollout("r1"), RolloutState.Failed);
        await store.Observing.RecordChecksAsync([Samples.Served("nginx", served)], None);
        await store.Upkeep.PruneAsync(Samples.Noon, None);
        Assert.Single(await store.Planning.LoadQuarantineAsync(None));

        await store.Upkeep.PruneAsync(Samples.Noon.AddDays(1), None);
        Assert.Equal(stays ? 1 : 0, (await store.Planning.LoadQuarantineAsync(None)).Count);
        Assert.Equal(stays ? 0 : 1, (await store.Reporting.AuditAsync(new AuditFilter(), None)).Count(record => record.Action == AuditAction.QuarantineLifted));
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task LastRestarts_CountsPatchesThatArrived()
    {
        await using var store = await folder.OpenAsync();
        await EndAsync(store, Samples.Rollout("r1"), RolloutState.Failed);
        await EndAsync(store, Samples.Rollout("r2", at: Samples.Noon.AddMinutes(7)), RolloutState.Succeeded);
        await store.Applying.BeginRolloutAsync(Samples.Rollout("r3", at: Samples.Noon.AddMinutes(9)), None);
        await store.Applying.MarkNotAppliedAsync("r3", "forbidden", record: null, None);
        Assert.Equal(Samples.Noon.AddMinutes(7), Assert.Single(await store.Planning.LastRestartsAsync(None)).Value);
    }

    [Fact]
    public async Task LastServed_IsTheNewestStartInEachNamespace()
    {
        await using var store = await folder.OpenAsync();
        await EndAsync(store, In("a", "r1", 0), RolloutState.Failed);
        await EndAsync(store, In("a", "r2", 7), RolloutState.Succeeded);
        await store.Applying.BeginRolloutAsync(In("b", "r3", 9), None);
        await store.Applying.BeginRolloutAsync(In("b", "r4", 20), None);
        await store.Applying.BeginRolloutAsync(In("c", "r5", 9), None);
        await store.Applying.MarkNotAppliedAsync("r5", "forbidden", record: null, None);

        // r4 was started by a clock that was ahead.
        Assert.Equal(
            [("a", Samples.Noon.AddMinutes(7)), ("b", Samples.Noon.AddMinutes(9))],
            (await store.Planning.LastServedAsync(Samples.Noon.AddMinutes(10), None)).OrderBy(served => served.Key).Select(served => (served.Key, served.Value)));

        static Rollout In(string @namespace, string id, int minutes) =>
            Samples.Rollout(id, "uid-" + id, new(@namespace, WorkloadKind.Deployment, "web"), Samples.Noon.AddMinutes(minutes));
    }

    [Fact]
    public async Task VerifiedIn_NamesTheNamespacesOfVerifiedRolloutsToTheDigest()
    {
        await using var store = await folder.OpenAsync();
        await EndAsync(store, In("verified", "r1", "new"), RolloutState.Succeeded, RolloutVerification.Verified);
        await EndAsync(store, In("unverified", "r2", "new"), RolloutState.Succeeded, RolloutVerification.Unverified);
        await EndAsync(store, In("reverted", "r3", "new"), RolloutState.Reverted, RolloutVerification.Verified);
        // Its digest before was "old".
        await EndAsync(store, In("other", "r4", "other"), RolloutState.Succeeded, RolloutVerification.Verified);
        await store.Applying.BeginRolloutAsync(In("running", "r5", "new"), None);

        var verified = await store.Planning.VerifiedInAsync(new HashSet<Digest> { Samples.Digest("new"), Samples.Digest("old") }, None);
        Assert.Equal(["verified"], verified[Samples.Digest("new")]);
        Assert.Empty(verified[Samples.Digest("old")]);

        static Rollout In(string @namespace, string id, string content) => Samples.Rollout(id, "uid-" + id, new(@namespace, WorkloadKind.Deployment, "web"), content: content);
    }

    public void Dispose() => folder.Dispose();

    private static async Task<Rollout> EndAsync(StateStore store, Rollout rollout, RolloutState state, RolloutVerification? verification = null)
    {
        await store.Applying.BeginRolloutAsync(rollout, None);
        await store.Applying.MarkPatchedAsync(rollout.Id, "42", Samples.Restarted(rollout), None);
        await store.Applying.FinishRolloutAsync(rollout.Id, new RolloutEnd(state, Samples.Noon.AddMinutes(1), "it ended", verification), Samples.Record("it ended", rollout: rollout.Id), None);
        return rollout;
    }
}
