using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class PlansTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task SavePlan_AllActions_KeepsPlanDecisionsBaselinesAndAudit()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();

        await store.Planning.SavePlanAsync("plan-1", plan, "mona", Samples.Journal(plan, planId: "plan-1"), None);

        Assert.True((await store.Reporting.FindPlanAsync("plan-1", None)).IsSuccess(out var stored, out _));
        Assert.Equal(["web", "held", "skipped"], stored.Plan.Workloads.SelectMany(workload => workload.Containers).Select(container => container.Container));
        Assert.Equal((Samples.Digest("old"), Samples.Digest("new")), (stored.Plan.Workloads[0].Containers[0].From, stored.Plan.Workloads[0].Containers[0].To));
        Assert.Equal(("plan-1", Samples.Noon, "mona", PlanStatus.Planned), (stored.Summary.Id, stored.Summary.CreatedAt, stored.Summary.Actor, stored.Summary.Status));
        Assert.Equal(plan.Counts, stored.Summary.Counts);
        Assert.Equal(PlanScope.Everything.Kinds, stored.Summary.Scope.Kinds);
        Assert.Null(stored.Summary.Scope.Namespaces);

        Assert.Equal([Samples.Baseline("uid-a", "proxy", "first")], (await store.Planning.LoadBaselinesAsync(None)).Values);
        Assert.Equal(["adopted", "held", "skipped"], (await store.Reporting.AuditAsync(new(), None)).Reverse().Select(Word));
        static string Word(AuditRecord record) =>
            record.Action == AuditAction.Adopted ? "adopted" : record.Message.Contains(" held: ", StringComparison.Ordinal) ? "held" : "skipped";
    }

    [Fact]
    public async Task LoadDecisions_AfterAPlan_GivesWhatTheJournalComparesWith()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();
        await store.Planning.SavePlanAsync(plan, Samples.Journal(plan), None);

        var decisions = await store.Planning.LoadDecisionsAsync(None);

        Assert.Equal(5, decisions.Count);
        Assert.Equal(Samples.Journal(plan).Decisions.OrderBy(decision => decision.Id.Container), decisions.Values.OrderBy(decision => decision.Id.Container));
        var again = DecisionJournal.Compare(decisions, plan with { CreatedAt = Samples.Noon.AddMinutes(5) }, "controller", planId: null);
        Assert.Empty(again.Decisions);
        Assert.Empty(again.Gone);
    }

    [Fact]
    public async Task SavePaces_OfKnownWorkloads_AreLoadedUntilDeleted()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();
        await store.Planning.SavePlanAsync(plan, Samples.Journal(plan), None);
        var pace = new RolloutPace(3, 1, TimeSpan.FromMinutes(4), Samples.Noon);

        await store.Planning.SavePacesAsync(new Dictionary<string, RolloutPace?> { ["uid-a"] = pace, ["uid-nobody"] = pace }, None);
        Assert.Equal([KeyValuePair.Create("uid-a", pace)], (await store.Planning.LoadAsync(None)).Paces);

        await store.Planning.SavePacesAsync(new Dictionary<string, RolloutPace?> { ["uid-a"] = null }, None);
        Assert.Empty((await store.Planning.LoadAsync(None)).Paces);
    }

    [Fact]
    public async Task SavePlan_NothingIsNew_AddsTheRowOfThePlanAlone()
    {
        await using var store = await folder.OpenAsync();
        var plan = Samples.Plan(Samples.Workload("uid-a", "a", Samples.Decision("web", ContainerAction.NoOp, DecisionReason.UpToDate, "one", "one")));
        await store.Planning.SavePlanAsync(plan, Samples.Journal(plan), None);
        var before = folder.RowCounts();

        var entry = Samples.Journal(plan, await store.Planning.LoadDecisionsAsync(None));
        await store.Planning.SavePlanAsync(plan, entry, None);

        Assert.True(entry.IsEmpty);
        Assert.Equal(before["plans"] + 1, folder.RowCounts()["plans"]);
        Assert.Equal(before.Where(table => table.Key != "plans"), folder.RowCounts().Where(table => table.Key != "plans"));
    }

    [Fact]
    public async Task SavePlan_OneWorkloadIsNews_AddsItsRowAloneAndEachPlanKeepsWhatItSays()
    {
        await using var store = await folder.OpenAsync();
        var random = new Random(7);
        var plans = new List<(string Id, RolloutPlan Plan)>();
        var rows = 0;
        var before = new Dictionary<string, DecisionReason>();
        for (var round = 0; round < 40; round++)
        {
            // A workload that is not held is left out: it is restarted, or gone.
            var now = Enumerable.Range(0, 8).Where(i => random.Next(6) > 0 || !before.ContainsKey($"w{i}"))
                .ToDictionary(i => $"w{i}", i => random.Next(4) > 0 && before.TryGetValue($"w{i}", out var reason) ? reason : (DecisionReason)(round % 9), StringComparer.Ordinal);
            rows += now.Count(workload => !before.TryGetValue(workload.Key, out var reason) || reason != workload.Value);
            var plan = Samples.Plan([.. now.Select(workload => Samples.Workload(workload.Key, workload.Key, Samples.Decision("web", ContainerAction.Hold, workload.Value)))]);
            plans.Add(($"p-{round}", plan));
            await store.Planning.SavePlanAsync($"p-{round}", plan, "mona", Samples.Journal(plan), None);
            // A plan of another scope in between has rows of its own.
            if (round % 10 == 0)
                await store.Planning.SavePlanAsync($"other-{round}", Samples.Plan() with { Scope = new PlanScope(["shop"], plan.Scope.Kinds) }, "mona", Samples.Journal(plan), None);
            before = now;
        }

        Assert.Equal(rows, folder.RowCounts()["plan_workloads"]);
        Assert.Equal(rows, folder.RowCounts()["plan_containers"]);
        foreach (var (id, plan) in plans)
            Assert.Equal(PlanJson.Write(id, plan.Kept()), PlanJson.Write(id, (await store.Reporting.FindPlanAsync(id, None)).Value!.Plan));
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    /// <summary>A column that the comparison forgot would show the next plan what the last one said.</summary>
    [Fact]
    public void SaysTheSame_EachColumn_IsCompared()
    {
        var plan = Mixed().Workloads[0];
        string[] places = [nameof(PlanWorkloadRow.Id), nameof(PlanWorkloadRow.Series), nameof(PlanWorkloadRow.FromPlan), nameof(PlanWorkloadRow.UntilPlan), nameof(PlanContainerRow.PlanWorkloadId)];
        Assert.True(PlanWorkloadRow.Of(plan).SaysTheSame(PlanWorkloadRow.Of(plan)));
        foreach (var property in typeof(PlanWorkloadRow).GetProperties().Concat(typeof(PlanContainerRow).GetProperties()).Where(property => property.CanWrite))
        {
            var row = PlanWorkloadRow.Of(plan);
            object changed = property.DeclaringType == typeof(PlanWorkloadRow) ? row : row.Containers[0];
            property.SetValue(changed, Other(property.PropertyType, property.GetValue(changed)));
            Assert.True(places.Contains(property.Name) == row.SaysTheSame(PlanWorkloadRow.Of(plan)), property.Name);
        }

        Assert.False(PlanWorkloadRow.Of(plan with { Containers = [] }).SaysTheSame(PlanWorkloadRow.Of(plan)));

        static object Other(Type type, object? value) => value switch
        {
            string text => text + "x",
            bool truth => !truth,
            int number => number + 1,
            long number => number + 1,
            Enum => Enum.GetValues(type).GetValue(Equals(value, Enum.GetValues(type).GetValue(0)) ? 1 : 0)!,
            ImageReference => Samples.Image("other"),
            Digest => Samples.Digest("other"),
            _ when type == typeof(Digest) => Samples.Digest("other"),
            _ when type == typeof(long?) => 1L,
            _ => "x",
        };
    }

    [Fact]
    public async Task SavePlan_ContainerGone_DropsItsDecisionAndKeepsItsBaseline()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();
        await store.Planning.SavePlanAsync(plan, Samples.Journal(plan), None);
        var smaller = Samples.Plan(plan.Workloads[1]);

        await store.Planning.SavePlanAsync(smaller, Samples.Journal(smaller, await store.Planning.LoadDecisionsAsync(None)), None);

        Assert.Equal(["uid-b"], (await store.Planning.LoadDecisionsAsync(None)).Keys.Select(id => id.WorkloadUid).Distinct());
        Assert.Single(await store.Planning.LoadBaselinesAsync(None));
    }

    [Fact]
    public async Task SavePlan_DecisionAndBaselineAgain_ReplacesThem()
    {
        await using var store = await folder.OpenAsync();
        foreach (var (content, reason) in new[] { ("one", DecisionReason.FirstSeen), ("two", DecisionReason.NewReference) })
        {
            var plan = Samples.Plan(Samples.Workload(
                "uid-a", "a", Samples.Decision("web", ContainerAction.NoOp, reason, to: content, adopt: Samples.Baseline("uid-a", "web", content))));
            await store.Planning.SavePlanAsync(plan, Samples.Journal(plan, await store.Planning.LoadDecisionsAsync(None)), None);
        }

        Assert.Equal(Samples.Digest("two"), Assert.Single(await store.Planning.LoadBaselinesAsync(None)).Value.Digest);
        Assert.Equal(DecisionReason.NewReference, Assert.Single(await store.Planning.LoadDecisionsAsync(None)).Value.Reason);
    }

    [Fact]
    public async Task SavePlan_SameIdAgain_StoresNothingOfIt()
    {
        await using var store = await folder.OpenAsync();
        await store.Planning.SavePlanAsync("plan-1", Samples.Plan(), "mona", Samples.Journal(Samples.Plan()), None);
        var before = folder.RowCounts();

        await Assert.ThrowsAnyAsync<Exception>(() => store.Planning.SavePlanAsync("plan-1", Mixed(), "mona", Samples.Journal(Mixed()), None));

        Assert.Equal(before, folder.RowCounts());
    }

    /// <summary>A plan with all kinds of restarts, holds and skips.</summary>
    [Fact]
    public async Task FindPlan_WhatWasSaved_IsWhatIsKeptOfIt()
    {
        await using var store = await folder.OpenAsync();
        var plan = UnitTests.Reports.Samples.Plan();
        var (photos, web) = (plan.Workloads[0], plan.Workloads[3]);
        var held = photos.Containers[0] with
        {
            Reason = DecisionReason.Cooldown,
            Holds = [new(DecisionReason.Cooldown, "cooldown is 12h", Samples.Noon.AddHours(3)), new(DecisionReason.ApprovalRequired, "approval is required")],
        };
        var back = web.Restart! with { Images = [new("web", IsInit: false, "web:prod", "web:prod@sha256:0")], PinnedDigest = "web:sha256:0" };
        plan = plan with
        {
            Scope = new PlanScope(["media", "shop"], plan.Scope.Kinds),
            Workloads =
            [
                photos with { Containers = [held], TemplateFingerprint = "f" },
                .. plan.Workloads.Skip(1).Take(2),
                web with { Restart = back, Containers = [web.Containers[0] with { ImageAfter = "web:prod@sha256:0" }, .. web.Containers.Skip(1)] },
                plan.Workloads[4],
            ],
        };

        // As the planner has them; the samples are in another order.
        var inOrder = plan.Workloads.ToList();
        inOrder.Sort(RolloutPlan.InOrder);
        plan = plan with { Workloads = inOrder };
        await store.Planning.SavePlanAsync("plan-1", plan, "mona", Samples.Journal(plan), None);

        Assert.True((await store.Reporting.FindPlanAsync("plan-1", None)).IsSuccess(out var stored, out var problem), problem);
        Assert.Equivalent(plan.Kept(), stored.Plan, strict: true);
        Assert.Equal(plan.Counts, stored.Plan.Counts);
        Assert.DoesNotContain(stored.Plan.Workloads.SelectMany(workload => workload.Containers), container => container.Action == ContainerAction.NoOp);
        Assert.Equal(PlanJson.Write("plan-1", plan.Kept()), PlanJson.Write("plan-1", stored.Plan));
        Assert.Empty(PlanStaleness.Compare(stored.Plan, plan));
    }

    [Theory]
    [InlineData("20261123-1a2b", "20261123-1a2b")]
    [InlineData("20261123-1a2bff", "20261123-1a2bff")]
    [InlineData("20261123-1c", "20261123-1c00")]
    [InlineData("2026", null, "is ambiguous; it matches")]
    [InlineData("7", null, "plan 7 not found")]
    [InlineData("20261123-1C", null, "plan 20261123-1C not found")]
    [InlineData("%", null, "plan % not found")]
    [InlineData("", null, "empty plan id")]
    public async Task FindPlan_IdOrPrefix_FindsTheOnlyOne(string text, string? expected, string? message = null)
    {
        await using var store = await folder.OpenAsync();
        foreach (var id in new[] { "20261123-1a2b", "20261123-1a2bff", "20261123-1c00" })
            await store.Planning.SavePlanAsync(id, Samples.Plan(), "mona", Samples.Journal(Samples.Plan()), None);

        var result = await store.Reporting.FindPlanAsync(text, None);

        Assert.Equal(expected, result.Value?.Summary.Id);
        if (message is not null)
            Assert.Contains(message, result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetPlanStatus_KnownAndUnknown_ReturnsWhich()
    {
        await using var store = await folder.OpenAsync();
        var scope = new PlanScope(["media", "shop"], [Core.Workloads.WorkloadKind.DaemonSet]);
        await store.Planning.SavePlanAsync("old", Samples.Plan() with { Scope = scope }, "mona", Samples.Journal(Samples.Plan()), None);
        await store.Planning.SavePlanAsync("new", Samples.Plan() with { CreatedAt = Samples.Noon.AddHours(1) }, "mona", Samples.Journal(Samples.Plan()), None);

        Assert.True(await store.Planning.SetPlanStatusAsync("old", PlanStatus.Stale, None));
        Assert.False(await store.Planning.SetPlanStatusAsync("unknown", PlanStatus.Stale, None));

        var latest = await store.Reporting.LatestPlansAsync(10, None);
        Assert.Equal([("new", PlanStatus.Planned), ("old", PlanStatus.Stale)], latest.Select(plan => (plan.Id, plan.Status)));
        Assert.Equal(["media", "shop"], latest[1].Scope.Namespaces);
        Assert.Equal(scope.Kinds, latest[1].Scope.Kinds);
    }

    [Fact]
    public async Task Forget_Workload_DropsBaselinesAndSaysSo()
    {
        await using var store = await folder.OpenAsync();
        var plan = Mixed();
        await store.Planning.SavePlanAsync(plan, Samples.Journal(plan), None);

        var forgotten = await store.Planning.ForgetAsync(plan.Workloads[0].Key, "mona", None);
        var again = await store.Planning.ForgetAsync(plan.Workloads[0].Key, "mona", None);

        Assert.Equal((1, 0), (forgotten, again));
        Assert.Empty(await store.Planning.LoadBaselinesAsync(None));
        Assert.Equal(["uid-b"], (await store.Planning.LoadDecisionsAsync(None)).Keys.Select(id => id.WorkloadUid).Distinct());
        var newest = (await store.Reporting.AuditAsync(new() { Limit = 1 }, None))[0];
        Assert.Equal(("mona", "uid-a"), (newest.Actor, newest.Uid));
    }

    [Fact]
    public async Task SavePlan_ProseWithoutEnd_IsCut()
    {
        await using var store = await folder.OpenAsync();
        var endless = Samples.Decision("web", ContainerAction.Hold, DecisionReason.Paused) with { Explanation = new string('x', 1_000_000) };
        var plan = Samples.Plan(Samples.Workload("uid-a", "a", endless));

        await store.Planning.SavePlanAsync(plan, Samples.Journal(plan), None);

        Assert.InRange(Assert.Single(await store.Planning.LoadDecisionsAsync(None)).Value.Explanation.Length, 1, 2001);
        Assert.InRange(Assert.Single(await store.Reporting.AuditAsync(new(), None)).Message.Length, 1, 2001);
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
