using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Persistence;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class PlansTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task SavePlan_AllActions_KeepsPlanChangesDecisionsBaselinesAndAudit()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();

        await store.SavePlanAsync("plan-1", plan, "{\"version\":1}", "mona", Samples.Journal(plan, planId: "plan-1"), None);

        Assert.True((await store.FindPlanAsync("plan-1", None)).IsSuccess(out var stored, out _));
        Assert.Equal("{\"version\":1}", stored.Json);
        Assert.Equal(("plan-1", Samples.Noon, "mona", PlanStatus.Planned), (stored.Summary.Id, stored.Summary.CreatedAt, stored.Summary.Actor, stored.Summary.Status));
        Assert.Equal(plan.Counts, stored.Summary.Counts);
        Assert.Equal(PlanScope.Everything.Kinds, stored.Summary.Scope.Kinds);
        Assert.Null(stored.Summary.Scope.Namespaces);

        var changes = await store.PlanChangesAsync("plan-1", None);
        Assert.Equal(["web", "proxy", "held", "skipped"], changes.Select(change => change.Container));
        Assert.Equal([false, true, false, false], changes.Select(change => change.Adopts));
        Assert.Equal((Samples.Digest("old"), Samples.Digest("new")), (changes[0].From, changes[0].To));

        Assert.Equal([Samples.Baseline("uid-a", "proxy", "first")], (await store.LoadBaselinesAsync(None)).Values);
        Assert.Equal(["adopted", "held", "skipped"], (await store.AuditAsync(new(), None)).Reverse().Select(Word));
        static string Word(AuditRecord record) =>
            record.Action == AuditAction.Adopted ? "adopted" : record.Message.Contains("is held", StringComparison.Ordinal) ? "held" : "skipped";
    }

    [Fact]
    public async Task LoadDecisions_AfterAPlan_GivesWhatTheJournalComparesWith()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();
        await store.SaveJournalAsync(plan.Workloads, Samples.Journal(plan), None);

        var decisions = await store.LoadDecisionsAsync(None);

        Assert.Equal(5, decisions.Count);
        Assert.Equal(Samples.Journal(plan).Decisions.OrderBy(decision => decision.Id.Container), decisions.Values.OrderBy(decision => decision.Id.Container));
        var again = DecisionJournal.Compare(decisions, plan with { CreatedAt = Samples.Noon.AddMinutes(5) }, "controller", planId: null);
        Assert.Empty(again.Decisions);
        Assert.Empty(again.Gone);
    }

    [Fact]
    public async Task SaveJournal_CycleWithoutNews_AddsNoRows()
    {
        await using var store = await folder.OpenAsync();
        var plan = Samples.Plan(Samples.Workload("uid-a", "a", Samples.Decision("web", ContainerAction.NoOp, DecisionReason.UpToDate, "one", "one")));
        await store.SaveJournalAsync(plan.Workloads, Samples.Journal(plan), None);
        var before = folder.RowCounts();

        var entry = Samples.Journal(plan, await store.LoadDecisionsAsync(None));
        await store.SaveJournalAsync(plan.Workloads, entry, None);

        Assert.True(entry.IsEmpty);
        Assert.Equal(before, folder.RowCounts());
    }

    [Fact]
    public async Task SaveJournal_ContainerGone_DropsItsDecisionAndKeepsItsBaseline()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();
        await store.SaveJournalAsync(plan.Workloads, Samples.Journal(plan), None);
        var smaller = Samples.Plan(plan.Workloads[1]);

        await store.SaveJournalAsync(smaller.Workloads, Samples.Journal(smaller, await store.LoadDecisionsAsync(None)), None);

        Assert.Equal(["uid-b"], (await store.LoadDecisionsAsync(None)).Keys.Select(id => id.WorkloadUid).Distinct());
        Assert.Single(await store.LoadBaselinesAsync(None));
    }

    [Fact]
    public async Task SaveJournal_DecisionAndBaselineAgain_ReplacesThem()
    {
        await using var store = await folder.OpenAsync();
        foreach (var (content, reason) in new[] { ("one", DecisionReason.FirstSeen), ("two", DecisionReason.NewReference) })
        {
            var plan = Samples.Plan(Samples.Workload(
                "uid-a", "a", Samples.Decision("web", ContainerAction.NoOp, reason, to: content, adopt: Samples.Baseline("uid-a", "web", content))));
            await store.SaveJournalAsync(plan.Workloads, Samples.Journal(plan, await store.LoadDecisionsAsync(None)), None);
        }

        Assert.Equal(Samples.Digest("two"), Assert.Single(await store.LoadBaselinesAsync(None)).Value.Digest);
        Assert.Equal(DecisionReason.NewReference, Assert.Single(await store.LoadDecisionsAsync(None)).Value.Reason);
    }

    [Fact]
    public async Task SavePlan_SameIdAgain_StoresNothingOfIt()
    {
        await using var store = await folder.OpenAsync();
        await store.SavePlanAsync("plan-1", Samples.Plan(), "{}", "mona", Samples.Journal(Samples.Plan()), None);
        var before = folder.RowCounts();

        await Assert.ThrowsAnyAsync<Exception>(() => store.SavePlanAsync("plan-1", Mixed(), "{}", "mona", Samples.Journal(Mixed()), None));

        Assert.Equal(before, folder.RowCounts());
    }

    [Theory]
    [InlineData("20261123-1a2b", "20261123-1a2b")]
    [InlineData("20261123-1a2bff", "20261123-1a2bff")]
    [InlineData("20261123-1c", "20261123-1c00")]
    [InlineData("2026", null, "is the beginning of several plans")]
    [InlineData("7", null, "there is no plan 7")]
    [InlineData("%", null, "there is no plan %")]
    [InlineData("", null, "give the id")]
    public async Task FindPlan_IdOrPrefix_FindsTheOnlyOne(string text, string? expected, string? sentence = null)
    {
        await using var store = await folder.OpenAsync();
        foreach (var id in new[] { "20261123-1a2b", "20261123-1a2bff", "20261123-1c00" })
            await store.SavePlanAsync(id, Samples.Plan(), "{}", "mona", Samples.Journal(Samples.Plan()), None);

        var result = await store.FindPlanAsync(text, None);

        Assert.Equal(expected, result.Value?.Summary.Id);
        if (sentence is not null)
            Assert.Contains(sentence, result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetPlanStatus_KnownAndUnknown_TellsWhich()
    {
        await using var store = await folder.OpenAsync();
        var scope = new PlanScope(["media", "shop"], [Core.Workloads.WorkloadKind.DaemonSet]);
        await store.SavePlanAsync("old", Samples.Plan() with { Scope = scope }, "{}", "mona", Samples.Journal(Samples.Plan()), None);
        await store.SavePlanAsync("new", Samples.Plan() with { CreatedAt = Samples.Noon.AddHours(1) }, "{}", "mona", Samples.Journal(Samples.Plan()), None);

        Assert.True(await store.SetPlanStatusAsync("old", PlanStatus.Stale, None));
        Assert.False(await store.SetPlanStatusAsync("unknown", PlanStatus.Stale, None));

        var latest = await store.LatestPlansAsync(10, None);
        Assert.Equal([("new", PlanStatus.Planned), ("old", PlanStatus.Stale)], latest.Select(plan => (plan.Id, plan.Status)));
        Assert.Equal(["media", "shop"], latest[1].Scope.Namespaces);
        Assert.Equal(scope.Kinds, latest[1].Scope.Kinds);
    }

    [Fact]
    public async Task Forget_Workload_DropsBaselinesAndSaysSo()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();
        await store.SaveJournalAsync(plan.Workloads, Samples.Journal(plan), None);

        var forgotten = await store.ForgetAsync(plan.Workloads[0].Key, "mona", None);
        var again = await store.ForgetAsync(plan.Workloads[0].Key, "mona", None);

        Assert.Equal((1, 0), (forgotten, again));
        Assert.Empty(await store.LoadBaselinesAsync(None));
        Assert.Equal(["uid-b"], (await store.LoadDecisionsAsync(None)).Keys.Select(id => id.WorkloadUid).Distinct());
        var newest = (await store.AuditAsync(new() { Limit = 1 }, None))[0];
        Assert.Equal(("mona", "uid-a"), (newest.Actor, newest.Uid));
    }

    [Fact]
    public async Task SaveJournal_ProseWithoutEnd_IsCut()
    {
        await using var store = await folder.OpenAsync();
        var endless = Samples.Decision("web", ContainerAction.Hold, DecisionReason.Paused) with { Explanation = new string('x', 1_000_000) };
        var plan = Samples.Plan(Samples.Workload("uid-a", "a", endless));

        await store.SaveJournalAsync(plan.Workloads, Samples.Journal(plan), None);

        Assert.InRange(Assert.Single(await store.LoadDecisionsAsync(None)).Value.Explanation.Length, 1, 2001);
        Assert.InRange(Assert.Single(await store.AuditAsync(new(), None)).Message.Length, 1, 2001);
    }

    private static RolloutPlan Mixed() => Samples.Plan(
        Samples.Workload(
            "uid-a", "a",
            Samples.Decision("web", ContainerAction.Restart, DecisionReason.DigestChanged, "old", "new"),
            Samples.Decision("proxy", ContainerAction.NoOp, DecisionReason.FirstSeen, to: "first", adopt: Samples.Baseline("uid-a", "proxy", "first")),
            Samples.Decision("same", ContainerAction.NoOp, DecisionReason.UpToDate, "one", "one")),
        Samples.Workload(
            "uid-b", "b",
            Samples.Decision("held", ContainerAction.Hold, DecisionReason.Paused, "old", "new"),
            Samples.Decision("skipped", ContainerAction.Skip, DecisionReason.RegistryFailed, "old")));
}
