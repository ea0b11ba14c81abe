using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.UnitTests.Planning;

namespace ImageUpdater.UnitTests.Auditing;

public sealed class DecisionJournalTests
{
    private static readonly Baseline Old = Given.Baseline("web", "web", "r.io/app:1", "D1");
    private static readonly Baseline Current = Given.Baseline("web", "web", "r.io/app:1", "D2");
    private static readonly WorkloadSnapshot Web = Given.Workload("web", Given.Container("web", "r.io/app:1"));
    private static readonly ImageCheck Good = Given.Served("r.io/app:1", "D2");

    private static readonly Dictionary<ContainerId, LastDecision> Nothing = [];

    [Fact]
    public void Compare_FirstSight_AdoptsAndRecordsOnce()
    {
        var entry = DecisionJournal.Compare(Nothing, Plan(Web, Good), "controller", "plan-1");

        var decision = Assert.Single(entry.Decisions);
        Assert.Equal(
            (new ContainerId("uid-web", "web"), Web.Key, "r.io/app:1", ContainerAction.NoOp, DecisionReason.FirstSeen, Given.Now),
            (decision.Id, decision.Workload, decision.ImageText, decision.Action, decision.Reason, decision.Since));
        Assert.Equal("D2", Given.Name(Assert.Single(entry.Adopted).Digest));
        Assert.Equal(
            new AuditRecord(
                Given.Now, AuditAction.Adopted, Web.Key, "uid-web", "controller", "web: first seen; current digest recorded as the baseline, unverified: no pod of its current revision can be read", "web", "plan-1"),
            Assert.Single(entry.Audit));
        Assert.Empty(entry.Gone);
        Assert.False(entry.IsEmpty);
    }

    [Fact]
    public void Compare_NothingNew_IsEmpty()
    {
        WorkloadSnapshot[] workloads = [Web, Given.Workload("held", Given.Container("web", "r.io/app:1")) with { Paused = true }, Given.Workload("odd", Given.Container("web", "Odd"))];
        var plan = Planner.Plan(Given.Input(workloads, [Good], Current, Given.Baseline("held", "web", "r.io/app:1", "D1"))).Plan;

        Assert.True(DecisionJournal.Compare(LastDecisions(plan), plan with { CreatedAt = Given.Now.AddMinutes(5) }, "controller", planId: null).IsEmpty);
    }

    [Fact]
    public void Compare_LastDecisionFromTheFuture_IsRecordedOnceWithTheRightTime()
    {
        var future = LastDecisions(State("held")).ToDictionary(last => last.Key, last => last.Value with { Since = Given.Now.AddDays(300) });

        var entry = DecisionJournal.Compare(future, State("held"), "controller", planId: null);

        Assert.Equal(Given.Now, Assert.Single(entry.Decisions).Since);
        Assert.Empty(entry.Audit);
        Assert.True(DecisionJournal.Compare(entry.Decisions.ToDictionary(decision => decision.Id), State("held"), "controller", planId: null).IsEmpty);
    }

    public static TheoryData<string, string, string> Transitions() => new()
    {
        // Decision before, decision now, audit message.
        { "held", "held", "" },
        { "up to date", "held", "web held: the Deployment is paused; resume it with kubectl rollout resume" },
        { "nothing", "held", "web held: the Deployment is paused; resume it with kubectl rollout resume" },
        { "nothing", "up to date", "" },
        { "nothing", "changed", "" },
        { "up to date", "changed", "" },
        { "changed", "up to date", "" },
        { "held", "changed", "web released: new digest for linux/amd64" },
        { "held", "up to date", "web released: up to date" },
        { "held", "deleting", "web held: the workload is being deleted" },
        { "held", "answered 401", "web skipped: answered 401" },
        { "answered 401", "held", "web held: the Deployment is paused; resume it with kubectl rollout resume" },
        { "up to date", "answered 401", "web skipped: answered 401" },
        { "nothing", "answered 401", "web skipped: answered 401" },
        { "answered 401", "answered 401", "" },
        { "answered 401", "answered 503", "" },
        { "answered 401", "not checked", "web skipped: not checked yet" },
        { "answered 401", "up to date", "web no longer skipped: up to date" },
        { "answered 401", "changed", "web no longer skipped: new digest for linux/amd64" },
    };

    [Theory]
    [MemberData(nameof(Transitions))]
    public void Compare_Transition_RecordsWhenAHoldBeginsAndEnds(string before, string now, string message)
    {
        var last = before == "nothing" ? Nothing : LastDecisions(State(before));

        var entry = DecisionJournal.Compare(last, State(now), "controller", planId: null);

        Assert.Equal(message, string.Join('|', entry.Audit.Select(record => record.Message)));
        Assert.All(entry.Audit, record => Assert.Equal(AuditAction.DecisionChanged, record.Action));
        Assert.All(entry.Audit, record => Assert.Equal(entry.Decisions.Select(decision => new RecordedDecision(decision.Action, decision.Reason)).Single(), record.Decision));
        Assert.Equal(before != now, entry.Decisions.Count == 1);
    }

    [Fact]
    public void Compare_SkippedWithAnotherExplanation_StandsAnewWithoutAnAuditRecord()
    {
        var entry = DecisionJournal.Compare(LastDecisions(State("answered 401")), State("answered 503"), "controller", planId: null);

        Assert.Equal("answered 503", Assert.Single(entry.Decisions).Explanation);
        Assert.Empty(entry.Audit);
    }

    [Theory]
    [InlineData(null, true, true)]
    [InlineData("default", true, true)]
    [InlineData("other,default", true, true)]
    [InlineData("other", true, false)]
    [InlineData("other,more", true, false)]
    [InlineData(null, false, false)]
    public void Compare_WorkloadNotInThePlan_IsGoneWithinTheScopeOnly(string? namespaces, bool listsDeployments, bool isGone)
    {
        var scope = new PlanScope(namespaces?.Split(','), listsDeployments ? [WorkloadKind.Deployment] : [WorkloadKind.StatefulSet]);
        var empty = Planner.Plan(Given.Input([], []) with { Scope = scope }).Plan;

        var entry = DecisionJournal.Compare(LastDecisions(State("held")), empty, "controller", planId: null);

        Assert.Equal(isGone ? [new ContainerId("uid-web", "web")] : [], entry.Gone);
        Assert.Equal(!isGone, entry.IsEmpty);
    }

    [Fact]
    public void Compare_ContainerTakenOutOfTheTemplate_IsGone()
    {
        var both = Given.Workload("web", Given.Container("web", "r.io/app:1"), Given.Container("side", "r.io/app:1"));
        var before = LastDecisions(Planner.Plan(Given.Input([both], [Good], Current)).Plan);

        Assert.Equal([new ContainerId("uid-web", "side")], DecisionJournal.Compare(before, State("up to date"), "controller", planId: null).Gone);
    }

    [Theory]
    [InlineData(false, "web: baseline {D1} recorded from the last-digest annotation")]
    [InlineData(true, "web: baseline {D1} recorded from its pods")]
    public void Compare_AdoptionBesideARestart_RecordsWhatWasAdopted(bool fromPods, string message)
    {
        var workload = fromPods ? Web : Web.With(Annotations.LastDigest, "web:{D1}");
        var plan = Planner.Plan(Given.Input([workload], [Good]) with
        {
            Pods = new Dictionary<string, IReadOnlyList<PodSnapshot>> { [workload.Uid] = fromPods ? [Given.Pod(workload, ("web", "r.io/app@{D1}"))] : [] },
        }).Plan;

        var entry = DecisionJournal.Compare(Nothing, plan, "controller", planId: null);

        Assert.Equal(message.Replace("{D1}", Given.Digest("D1").Abbreviated, StringComparison.Ordinal), Assert.Single(entry.Audit).Message);
        Assert.Equal("D1", Given.Name(Assert.Single(entry.Adopted).Digest));
    }

    // An update that only adopts has the adoption's record, not a second one.
    [Fact]
    public void Compare_RestartedByHand_IsOneAdoption()
    {
        var plan = Planner.Plan(Given.Input([Web], [Good], Old) with
        {
            Pods = new Dictionary<string, IReadOnlyList<PodSnapshot>> { [Web.Uid] = [Given.Pod(Web, ("web", "r.io/app@{D2}"))] },
        }).Plan;

        var entry = DecisionJournal.Compare(LastDecisions(State("up to date")), plan, "controller", planId: null);

        Assert.Equal("web: all pods already run the new digest", Assert.Single(entry.Audit).Message);
    }

    private static RolloutPlan Plan(WorkloadSnapshot workload, ImageCheck check, params Baseline[] stored) => Planner.Plan(Given.Input([workload], [check], stored)).Plan;

    private static RolloutPlan State(string name) => name switch
    {
        "up to date" => Plan(Web, Good, Current),
        "changed" => Plan(Web, Good, Old),
        "held" => Plan(Web with { Paused = true }, Good, Old),
        "deleting" => Plan(Web with { Deleting = true }, Good, Old),
        "not checked" => Planner.Plan(Given.Input([Web], [], Old)).Plan,
        _ => Plan(Web, Given.Failed("r.io/app:1", RegistryFailureKind.Unauthorized, name), Old),
    };

    private static Dictionary<ContainerId, LastDecision> LastDecisions(RolloutPlan plan) =>
        DecisionJournal.Compare(Nothing, plan, "controller", planId: null).Decisions.ToDictionary(decision => decision.Id);
}
