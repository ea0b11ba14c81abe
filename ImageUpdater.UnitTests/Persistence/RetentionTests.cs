using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence.Upkeep;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class RetentionTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Prune_EmptyStore_DeletesNothing()
    {
        await using var store = await folder.OpenAsync();

        Assert.Equal(new PruneCounts(0, 0, 0, 0, 0), await store.Upkeep.PruneAsync(Samples.Noon, None));
    }

    [Fact]
    public async Task Prune_Audit_KeepsTheNewestOfEachWorkloadAndWhatIsYoung()
    {
        await using var store = await folder.OpenAsync();
        await store.KnowAsync("a", "b");
        await store.AppendAuditAsync(
            [
                Samples.Record("old a", "a"), Samples.Record("old b", "b"), Samples.Record("newest b", "b"),
                Samples.Record("young a", "a", at: Samples.Noon.AddDays(2)), Samples.Record("younger a", "a", at: Samples.Noon.AddDays(3)),
            ],
            None);

        var counts = await store.Upkeep.PruneAsync(Samples.Noon.AddDays(1), None);

        Assert.Equal(2, counts.Audit);
        Assert.Equal(["younger a", "young a", "newest b"], (await store.Reporting.AuditAsync(new(), None)).Select(record => record.Message));
    }

    [Fact]
    public async Task Check_RetentionBecameLonger_MissesNoRecord()
    {
        await using var store = await folder.OpenAsync();
        await store.KnowAsync("a");
        var rollout = Samples.Rollout("r1", "a");
        await store.Applying.BeginRolloutAsync(rollout, None);
        await store.Applying.MarkPatchedAsync("r1", "42", Samples.Restarted(rollout, rollout.StartedAt), None);
        await store.AppendAuditAsync([Samples.Record("newer", "a")], None);
        Assert.Equal(1, (await store.Upkeep.PruneAsync(Samples.Noon.AddDays(1), None)).Audit);

        await store.Upkeep.PruneAsync(Samples.Noon.AddDays(-30), None);

        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Check_ForgottenDuringItsRollout_IsNoProblem()
    {
        await using var store = await folder.OpenAsync();
        var rollout = Samples.Rollout("r1");
        await store.Applying.BeginRolloutAsync(rollout, None);
        await store.Applying.MarkPatchedAsync("r1", "42", Samples.Restarted(rollout, rollout.StartedAt), None);

        Assert.NotEqual(0, await store.Planning.ForgetAsync(rollout.Workload, "me", None));

        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Prune_Rollouts_KeepsOpenOnesAndTheNewestOfEachWorkload()
    {
        await using var store = await folder.OpenAsync();
        await store.KnowAsync("a", "b");
        await EndedAsync("r1", "a", 0);
        await EndedAsync("r2", "a", 1);
        await EndedAsync("r3", "b", 0);
        await store.Applying.BeginRolloutAsync(Samples.Rollout("open", "b", at: Samples.Noon.AddDays(-1)), None);

        var counts = await store.Upkeep.PruneAsync(Samples.Noon.AddDays(30), None);

        Assert.Equal(1, counts.Rollouts);
        Assert.Equal(["r2", "r3", "open"], (await store.Reporting.RolloutsAsync(DateTimeOffset.MinValue, until: null, @namespace: null, 10, None)).Select(rollout => rollout.Id));
        Assert.Empty(await store.Upkeep.CheckAsync(None));

        async Task EndedAsync(string id, string uid, int day)
        {
            var rollout = Samples.Rollout(id, uid, at: Samples.Noon.AddDays(day));
            await store.Applying.BeginRolloutAsync(rollout, None);
            await store.Applying.MarkPatchedAsync(id, "42", Samples.Restarted(rollout, rollout.StartedAt), None);
            await store.Applying.FinishRolloutAsync(id, new RolloutEnd(RolloutState.Succeeded, rollout.StartedAt.AddMinutes(1), "ready"), Samples.Record("ready", uid, at: rollout.StartedAt, rollout: id), None);
        }
    }

    [Fact]
    public async Task Prune_Plans_TakesTheirWorkloadsAlong()
    {
        await using var store = await folder.OpenAsync();
        var old = Samples.Plan(Samples.Workload("a", "a", Samples.Decision("web", ContainerAction.Hold, DecisionReason.Paused)));
        await store.Planning.SavePlanAsync("old", old, "mona", Samples.Journal(old), None);
        await store.Planning.SavePlanAsync("young", old with { CreatedAt = Samples.Noon.AddDays(2) }, "mona", Samples.Journal(old, await store.Planning.LoadDecisionsAsync(None)), None);

        var counts = await store.Upkeep.PruneAsync(Samples.Noon.AddDays(1), None);

        Assert.Equal(1, counts.Plans);
        Assert.Equal(["young"], (await store.Reporting.LatestPlansAsync(10, None)).Select(plan => plan.Id));
        Assert.Equal(1, folder.RowCounts()["plan_workloads"]);
        Assert.Equal(1, folder.RowCounts()["plan_containers"]);
        Assert.Single((await store.Reporting.FindPlanAsync("young", None)).Value!.Plan.Workloads);

        await store.Upkeep.PruneAsync(Samples.Noon.AddDays(3), None);

        Assert.Equal((0, 0, 0), (folder.RowCounts()["plans"], folder.RowCounts()["plan_workloads"], folder.RowCounts()["plan_containers"]));
        // The next one begins again, and shares nothing with what is gone.
        await store.Planning.SavePlanAsync("next", old with { CreatedAt = Samples.Noon.AddDays(4) }, "mona", Samples.Journal(old, await store.Planning.LoadDecisionsAsync(None)), None);
        Assert.Single((await store.Reporting.FindPlanAsync("next", None)).Value!.Plan.Workloads);
    }

    [Fact]
    public async Task Prune_Observations_KeepsWhatWasServedSinceThen()
    {
        await using var store = await folder.OpenAsync();
        foreach (var (content, day) in new[] { ("one", 0), ("two", 1), ("three", 10) })
            await store.Observing.RecordChecksAsync([Samples.Served("nginx", content, Samples.Noon.AddDays(day))], None);
        await store.Observing.RecordChecksAsync([Samples.Served("redis", "only")], None);
        await store.Observing.RecordChecksAsync([Samples.Served("redis", "only", Samples.Noon.AddDays(10))], None);

        var counts = await store.Upkeep.PruneAsync(Samples.Noon.AddDays(5), None);

        Assert.Equal(1, counts.Observations);
        Assert.Equal([Samples.Digest("three"), Samples.Digest("two")], (await store.Reporting.ObservationsOfAsync(Samples.Image("nginx"), None)).Select(observation => observation.Digest));
        Assert.Single(await store.Reporting.ObservationsOfAsync(Samples.Image("redis"), None));
    }

    [Fact]
    public async Task Prune_Manifests_KeepsThoseThatSomethingRefersTo()
    {
        await using var store = await folder.OpenAsync();
        Manifest Single(string content) => new(Samples.Digest(content), "application/vnd.oci.image.manifest.v1+json", Config: null, Children: null);
        var index = new Manifest(Samples.Digest("served"), Samples.Index, Config: null, [new IndexEntry(Samples.Digest("child"), Platform: null)]);
        var stray = new Manifest(Samples.Digest("stray"), Samples.Index, Config: null, [new IndexEntry(Samples.Digest("strays child"), Platform: null)]);
        await store.Observing.RecordChecksAsync([Samples.Served("nginx", "served")], None);
        await store.Applying.BeginRolloutAsync(Samples.Rollout("r1", content: "intended"), None);
        await store.Observing.SaveManifestsAsync([index, stray, Single("child"), Single("strays child"), Single("intended")], None);

        var read = new[] { index, stray }.Select(manifest => new ManifestRead(Samples.Image("nginx").AtDigest(manifest.Digest), Samples.Noon)).ToList();
        await store.Observing.RecordReadsAsync(read, [], None);

        var counts = await store.Upkeep.PruneAsync(Samples.Noon, None);

        Assert.Equal(2, counts.Manifests);
        Assert.Equal([read[0].Image], (await store.Observing.LoadReadsAsync([.. read.Select(one => one.Image)], None)).Keys);
        var left = await store.Observing.LoadManifestsAsync([index.Digest, stray.Digest, Samples.Digest("child"), Samples.Digest("strays child"), Samples.Digest("intended")], None);
        Assert.Equal(new[] { "served", "child", "intended" }.Select(Samples.Digest).Order(), left.Keys.Order());
    }

    [Fact]
    public async Task Prune_DeletedWorkload_LeavesNothingOnceTheRetentionIsOver()
    {
        await using var store = await folder.OpenAsync();
        await store.KnowAsync("a", "b");
        foreach (var uid in new[] { "a", "b" })
        {
            var rollout = Samples.Rollout("r-" + uid, uid);
            await store.Applying.BeginRolloutAsync(rollout, None);
            await store.Applying.MarkPatchedAsync("r-" + uid, "42", Samples.Restarted(rollout), None);
            await store.Applying.FinishRolloutAsync("r-" + uid, new RolloutEnd(RolloutState.Succeeded, Samples.Noon.AddMinutes(1), "ready"), Samples.Record("ready", uid, rollout: "r-" + uid), None);
        }

        // Two months later "a" is deleted.
        var plan = Samples.Plan(Samples.Workload("b", "b", Samples.Decision("web", ContainerAction.NoOp, DecisionReason.UpToDate))) with { CreatedAt = Samples.Noon.AddDays(60) };
        var entry = Samples.Journal(plan, await store.Planning.LoadDecisionsAsync(None));
        Assert.False(entry.IsNews);
        Assert.Equal("no longer managed: the workload was deleted or is not enabled", Assert.Single(entry.Audit).Message);
        await store.Planning.SaveDecisionsAsync(plan, entry, None);

        Assert.Equal(0, (await store.Upkeep.PruneAsync(Samples.Noon.AddDays(59), None)).Workloads);
        Assert.Contains(new ContainerId("a", "web"), (await store.Planning.LoadBaselinesAsync(None)).Keys);

        Assert.Equal(1, (await store.Upkeep.PruneAsync(Samples.Noon.AddDays(61), None)).Workloads);
        Assert.Equal(["b"], (await store.Reporting.AuditAsync(new(), None)).Select(record => record.Uid).Distinct());
        Assert.Equal(["b"], (await store.Reporting.RolloutsAsync(DateTimeOffset.MinValue, until: null, @namespace: null, 10, None)).Select(rollout => rollout.Uid));
        Assert.Equal(["b"], (await store.Planning.LoadBaselinesAsync(None)).Keys.Select(id => id.WorkloadUid).Distinct());
        Assert.Equal(1, folder.RowCounts()["workloads"]);
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Prune_ImageThatNobodyUses_GoesOnceTheRetentionIsOver()
    {
        await using var store = await folder.OpenAsync();
        // "nginx" is the image of the sample decisions.
        await store.KnowAsync("a");
        await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one"), Samples.Served("redis", "two"), Samples.Failed("r.io/gone:1")], None);

        Assert.Equal(0, (await store.Upkeep.PruneAsync(Samples.Noon, None)).Images);
        Assert.Equal(2, (await store.Upkeep.PruneAsync(Samples.Noon.AddDays(1), None)).Images);

        Assert.Equal([Samples.Image("nginx")], (await store.Reporting.LoadImagesAsync(None)).Keys);
        Assert.Equal(1, folder.RowCounts()["observations"]);
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Prune_ManyRows_GivesTheirSpaceBackToTheVolume()
    {
        await using var store = await folder.OpenAsync();
        var plan = Samples.Plan([.. Enumerable.Range(0, 200).Select(i => Samples.Workload($"u{i}", $"w{i:000}", Samples.Decision("web", ContainerAction.Hold, DecisionReason.Paused)))]);
        var empty = new Core.Auditing.JournalEntry([], [], [], []);
        for (var i = 0; i < 50; i++)
            await store.Planning.SavePlanAsync(plan with { Workloads = [.. plan.Workloads.Select(workload => workload with { ResourceVersion = $"{i}" })] }, empty, None);
        await store.Upkeep.PruneAsync(Samples.Noon, None);
        var before = Sizes();
        Assert.True(before.File > 1_500_000, $"{before}");

        await store.Upkeep.PruneAsync(Samples.Noon.AddDays(1), None);

        var after = Sizes();
        Assert.True(after.File < before.File / 4 && after.Log == 0, $"{before} became {after}");

        (long File, long Log) Sizes() => (new FileInfo(folder.StorePath).Length, new FileInfo(folder.StorePath + "-wal").Length);
    }
}
