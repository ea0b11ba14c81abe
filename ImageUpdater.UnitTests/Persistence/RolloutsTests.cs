using System.Text.Json;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class RolloutsTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task BeginRollout_Intent_ComesBackEqual()
    {
        var intent = Samples.Rollout("r1");
        await using (var store = await folder.OpenAsync())
            await store.Applying.BeginRolloutAsync(intent, None);

        await using var reopened = await folder.OpenAsync();
        var loaded = Assert.Single(await reopened.Applying.OpenRolloutsAsync(None));

        AssertSame(intent, loaded);
        Assert.Empty(await reopened.Planning.LoadBaselinesAsync(None));
        Assert.Empty(await reopened.Reporting.AuditAsync(new(), None));
    }

    [Fact]
    public async Task MarkPatched_WithPullPolicies_RemembersThemUntilTheWorkloadIsForgotten()
    {
        await using (var store = await folder.OpenAsync())
        {
            foreach (var id in new[] { "r1", "r2" })
            {
                var rollout = Samples.Rollout(id);
                await store.Applying.BeginRolloutAsync(rollout, None);
                Assert.True(await store.Applying.MarkPatchedAsync(id, "42", Samples.Restarted(rollout), None));
            }
        }

        await using var reopened = await folder.OpenAsync();
        Assert.Equal(["init", "web"], (await reopened.Planning.LoadAsync(None)).PullPoliciesSet.Select(id => id.Container).Order());
        Assert.Empty(await reopened.Upkeep.CheckAsync(None));
        await reopened.Planning.ForgetAsync(Samples.Web, "admin", None);
        Assert.Empty((await reopened.Planning.LoadAsync(None)).PullPoliciesSet);
    }

    [Fact]
    public async Task MarkPatched_Intended_RunsWithBaselinesAndOneRecord()
    {
        await using var store = await folder.OpenAsync();
        var rollout = Samples.Rollout("r1");
        await store.Applying.BeginRolloutAsync(rollout, None);

        Assert.Empty((await store.Planning.LoadAsync(None)).PullPoliciesSet);
        Assert.True(await store.Applying.MarkPatchedAsync("r1", "42", Samples.Restarted(rollout), None));
        Assert.False(await store.Applying.MarkPatchedAsync("r1", "43", Samples.Restarted(rollout), None));

        AssertSame(rollout with { State = RolloutState.Running, ResourceVersionAfter = "42" }, Assert.Single(await store.Applying.OpenRolloutsAsync(None)));
        Assert.Equal(rollout.Baselines.ToDictionary(baseline => baseline.Id), await store.Planning.LoadBaselinesAsync(None));
        Assert.Equal(Samples.Restarted(rollout), Assert.Single(await store.Reporting.AuditAsync(new(), None)) with { Id = 0 });
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task MarkPatched_OneStillRuns_SupersedesIt()
    {
        await using var store = await folder.OpenAsync();
        var (first, second, other) = (Samples.Rollout("r1"), Samples.Rollout("r2", at: Samples.Noon.AddMinutes(1), content: "newer"), Samples.Rollout("r3", uid: "uid-other"));
        foreach (var rollout in new[] { first, other })
        {
            await store.Applying.BeginRolloutAsync(rollout, None);
            await store.Applying.MarkPatchedAsync(rollout.Id, "42", Samples.Restarted(rollout), None);
        }

        await store.Applying.BeginRolloutAsync(second, None);
        folder.Time.Advance(TimeSpan.FromMinutes(2));
        await store.Applying.MarkPatchedAsync("r2", "43", Samples.Restarted(second), None);

        Assert.Equal(["r3", "r2"], (await store.Applying.OpenRolloutsAsync(None)).Select(rollout => rollout.Id));
        var ended = (await store.Applying.RolloutsOfAsync("uid-web", 10, None))[1];
        Assert.Equal((RolloutState.Superseded, Samples.Noon.AddMinutes(2)), (ended.State, ended.EndedAt));
        var told = await store.Reporting.AuditAsync(new() { Limit = 2 }, None);
        Assert.Equal([(AuditAction.Restarted, "r2"), (AuditAction.RolloutEnded, "r1")], told.Select(record => (record.Action, record.RolloutId)));
        Assert.Equal([null, new RecordedEnd(RolloutState.Superseded, TimeSpan.FromMinutes(2))], told.Select(record => record.End));
        Assert.Equal(Samples.Digest("newer"), (await store.Planning.LoadBaselinesAsync(None))[new ContainerId("uid-web", "web")].Digest);
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task MarkNotApplied_Intended_EndsWithoutBaselines()
    {
        await using var store = await folder.OpenAsync();
        await store.Applying.BeginRolloutAsync(Samples.Rollout("r1"), None);

        Assert.True(await store.Applying.MarkNotAppliedAsync("r1", "the workload changed meanwhile", Samples.Record("no", rollout: "r1"), None));
        Assert.False(await store.Applying.MarkNotAppliedAsync("r1", "again", record: null, None));

        Assert.Empty(await store.Applying.OpenRolloutsAsync(None));
        Assert.Empty(await store.Planning.LoadBaselinesAsync(None));
        var rollout = Assert.Single(await store.Applying.RolloutsOfAsync("uid-web", 10, None));
        Assert.Equal((RolloutState.NotApplied, Samples.Noon, "the workload changed meanwhile"), (rollout.State, rollout.EndedAt!.Value, rollout.Outcome));
        Assert.Single(await store.Reporting.AuditAsync(new(), None));
    }

    [Fact]
    public async Task FinishRollout_Running_KeepsOutcomeAndVerificationOnce()
    {
        await using var store = await folder.OpenAsync();
        var rollout = Samples.Rollout("r1");
        await store.Applying.BeginRolloutAsync(rollout, None);
        await store.Applying.MarkPatchedAsync("r1", "42", Samples.Restarted(rollout), None);
        var end = Samples.Noon.AddMinutes(3);

        Assert.True(await FinishAsync(RolloutState.Succeeded));
        Assert.False(await FinishAsync(RolloutState.Failed));

        AssertSame(
            rollout with
            {
                State = RolloutState.Succeeded,
                ResourceVersionAfter = "42",
                EndedAt = end,
                Outcome = "all pods are ready",
                Verification = RolloutVerification.Verified,
                VerificationMessage = "3 of 3",
            },
            Assert.Single(await store.Reporting.RolloutsAsync(Samples.Noon, until: null, @namespace: null, 10, None)));
        Assert.Equal(2, (await store.Reporting.AuditAsync(new(), None)).Count);

        Task<bool> FinishAsync(RolloutState state) => store.Applying.FinishRolloutAsync(
            "r1", new RolloutEnd(state, end, "all pods are ready", RolloutVerification.Verified, "3 of 3"), Samples.Record("ended", action: AuditAction.RolloutSucceeded, rollout: "r1"), None);
    }

    [Fact]
    public async Task FinishRollout_StillIntended_WritesNothing()
    {
        await using var store = await folder.OpenAsync();
        await store.Applying.BeginRolloutAsync(Samples.Rollout("r1"), None);

        Assert.False(await store.Applying.FinishRolloutAsync("r1", new RolloutEnd(RolloutState.Failed, Samples.Noon, "no"), Samples.Record("no"), None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.Applying.MarkPatchedAsync("unknown", "1", Samples.Record("no"), None));

        Assert.Single(await store.Applying.OpenRolloutsAsync(None));
        Assert.Empty(await store.Reporting.AuditAsync(new(), None));
    }

    [Fact]
    public async Task MarkPatched_TakenAsNotApplied_RunsAfterAll()
    {
        await using var store = await folder.OpenAsync();
        await store.Applying.BeginRolloutAsync(Samples.Rollout("r1"), None);
        await store.Applying.MarkNotAppliedAsync("r1", "the patch never arrived", record: null, None);

        Assert.True(await store.Applying.MarkPatchedAsync("r1", "42", Samples.Restarted(Samples.Rollout("r1")), None));

        var rollout = Assert.Single(await store.Applying.OpenRolloutsAsync(None));
        Assert.Equal((RolloutState.Running, (DateTimeOffset?)null, (string?)null), (rollout.State, rollout.EndedAt, rollout.Outcome));
    }

    [Fact]
    public async Task DiscardIntent_OnlyWhileIntended_TakesItBack()
    {
        await using var store = await folder.OpenAsync();
        await store.Applying.BeginRolloutAsync(Samples.Rollout("r1"), None);
        await store.Applying.BeginRolloutAsync(Samples.Rollout("r2"), None);
        await store.Applying.MarkPatchedAsync("r2", "42", Samples.Restarted(Samples.Rollout("r2")), None);

        await store.Applying.DiscardIntentAsync("r1", None);
        await store.Applying.DiscardIntentAsync("r2", None);

        Assert.Equal("r2", Assert.Single(await store.Applying.RolloutsOfAsync("uid-web", 10, None)).Id);
    }

    [Fact]
    public async Task Rollouts_TimeNamespaceLimit_NewestFirst()
    {
        await using var store = await folder.OpenAsync();
        for (var hour = 0; hour < 4; hour++)
        {
            var key = new WorkloadKey(hour % 2 == 0 ? "even" : "odd", WorkloadKind.StatefulSet, "db");
            await store.Applying.BeginRolloutAsync(Samples.Rollout($"r{hour}", $"uid-{hour}", key, Samples.Noon.AddHours(hour)), None);
        }

        // One ended at noon; the others are open, so they match every later time.
        await store.Applying.MarkNotAppliedAsync("r0", "the patch never arrived", record: null, None);

        Assert.Equal(["r3", "r2", "r1"], await IdsAsync(1, until: null, @namespace: null, 10));
        Assert.Equal(["r2", "r1"], await IdsAsync(1, until: 3, @namespace: null, 10));
        Assert.Equal(["r2", "r0"], await IdsAsync(0, until: null, "even", 10));
        Assert.Equal(["r3"], await IdsAsync(0, until: null, @namespace: null, 1));

        async Task<IEnumerable<string>> IdsAsync(int since, int? until, string? @namespace, int limit) =>
            (await store.Reporting.RolloutsAsync(Samples.Noon.AddHours(since), until is { } hour ? Samples.Noon.AddHours(hour) : null, @namespace, limit, None))
            .Select(rollout => rollout.Id);
    }

    // Records compare lists by reference, so they are compared as text.
    private static void AssertSame(Rollout expected, Rollout actual) => Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
}
