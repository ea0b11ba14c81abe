using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>The rollout of "web" from D1 to D2 failed.</summary>
public sealed class QuarantineTests
{
    private const string Image = "r.io/app:1";
    private const string Failed = "2026-05-04T11:00:00Z";

    [Fact]
    public void Plan_FailedDigestStillServed_SaysSo()
    {
        var (decision, plan) = Decide(Web("D2"), "D2");
        Assert.Equal((ContainerAction.Hold, DecisionReason.Quarantined), (decision.Action, decision.Reason));
        Assert.Contains("it exceeded its deadline", decision.Explanation, StringComparison.Ordinal);
        Assert.False(plan.HasWork);
    }

    [Fact]
    public void Plan_NewerDigest_IsRolledOut()
    {
        // Also while the failed rollout still creates pods: the plan must not wait for that rollout.
        var (decision, _) = Decide(Web("D2") with { Status = Given.Rolling }, "D3");
        Assert.Equal(DecisionReason.DigestChanged, decision.Reason);
    }

    // The failed workload is in "default". Where is another one with the image, and where was a rollout of the digest verified?
    [Theory]
    [InlineData(QuarantineScope.Workload, "default", "", false)]
    [InlineData(QuarantineScope.Namespace, "default", "", true)]
    [InlineData(QuarantineScope.Namespace, "default", "tenant", true)]
    [InlineData(QuarantineScope.Namespace, "default", "default", false)]
    [InlineData(QuarantineScope.Namespace, "tenant", "", false)]
    [InlineData(QuarantineScope.Cluster, "default", "", true)]
    [InlineData(QuarantineScope.Cluster, "tenant", "", true)]
    [InlineData(QuarantineScope.Cluster, "tenant", "default", false)]
    [InlineData(QuarantineScope.Cluster, "tenant", "elsewhere", false)]
    public void Plan_OtherWorkloadWithTheImage_IsHeldInTheScopeUntilARolloutThereIsVerified(QuarantineScope scope, string @namespace, string verifiedIn, bool isHeld)
    {
        var input = OfOther(scope, @namespace, verifiedIn);
        Assert.Equal(isHeld ? DecisionReason.Quarantined : DecisionReason.DigestChanged, DecisionOf(input).Reason);
        Assert.Empty(Planner.Plan(input).MissingInputs.Verified);
        Assert.Equal(DecisionReason.DigestChanged, DecisionOf(input with { Quarantined = [Entry("web", "r.io/app:2", "D2")] }).Reason);
    }

    [Theory]
    [InlineData(QuarantineScope.Workload, "default", false)]
    [InlineData(QuarantineScope.Namespace, "tenant", false)]
    [InlineData(QuarantineScope.Namespace, "default", true)]
    [InlineData(QuarantineScope.Cluster, "tenant", true)]
    public void Plan_WhereTheDigestSucceededIsUnknown_HoldsAndAsks(QuarantineScope scope, string @namespace, bool isHeld)
    {
        var outcome = Planner.Plan(OfOther(scope, @namespace, "") with { VerifiedIn = new Dictionary<Digest, IReadOnlySet<string>>() });
        Assert.Equal(isHeld, outcome.Plan.Workloads.Single().Restart is null);
        Assert.Equal(isHeld ? [Given.Digest("D2")] : [], outcome.MissingInputs.Verified);
        Assert.Equal(isHeld, outcome.MissingInputs.Any);
    }

    [Fact]
    public void Plan_OwnFailure_IsHeldWhereverTheDigestSucceeded()
    {
        var input = Input(Web("D2"), "D2") with { VerifiedIn = new Dictionary<Digest, IReadOnlySet<string>> { [Given.Digest("D2")] = new HashSet<string> { "default" } } };
        Assert.Equal(DecisionReason.Quarantined, DecisionOf(input).Reason);
    }

    [Theory]
    [InlineData(QuarantineScope.Namespace, "default", "in the namespace")]
    [InlineData(QuarantineScope.Cluster, "tenant", "in the cluster")]
    public void Plan_HeldByAnother_SaysByWhichAndHowToEndIt(QuarantineScope scope, string @namespace, string where)
    {
        var explanation = DecisionOf(OfOther(scope, @namespace, "")).Explanation;
        Assert.Contains("the rollout of default/Deployment/web to ", explanation, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith(
            $"(it exceeded its deadline), and no rollout to it {where} was verified; push a newer digest, or run image-updater retry deployment/web --namespace default",
            explanation, StringComparison.Ordinal);
    }

    private static PlanningInput OfOther(QuarantineScope scope, string @namespace, string verifiedIn)
    {
        var other = Given.Workload("other", Given.Container("app", Image)) with { Key = new(@namespace, WorkloadKind.Deployment, "other") };
        return Given.Input([other], [Given.Served(Image, "D2")], Given.Baseline("other", "app", Image, "D1")) with
        {
            Quarantined = [Entry("web", Image, "D2")],
            VerifiedIn = new Dictionary<Digest, IReadOnlySet<string>> { [Given.Digest("D2")] = verifiedIn.Length == 0 ? new HashSet<string>() : new HashSet<string> { verifiedIn } },
            Options = new() { Holds = new() { Quarantine = scope } },
        };
    }

    private static ContainerDecision DecisionOf(PlanningInput input) => Planner.Plan(input).Plan.Workloads.Single().Containers.Single();

    [Theory]
    [InlineData("D2", "D2", "D3", false)]
    [InlineData("D3", "D2", "D1", true)]
    [InlineData("D2", "D3", "D1", true)]
    [InlineData("D2", "D2", "D1", false)]
    public void Plan_RolloutOfSeveralFailed_ANewerOfAnyIsTried(string web, string side, string outsider, bool restarts)
    {
        var workload = Given.Workload("web", Given.Container("web", Image), Given.Container("side", "r.io/side:1"), Given.Container("else", "r.io/else:1")) with { RestartedAt = Failed };
        var input = Given.Input(
            [workload],
            [Given.Served(Image, web), Given.Served("r.io/side:1", side), Given.Served("r.io/else:1", outsider)],
            Given.Baseline("web", "web", Image, "D2"), Given.Baseline("web", "side", "r.io/side:1", "D2"), Given.Baseline("web", "else", "r.io/else:1", "D1"));
        var plan = Planner.Plan(input with { Quarantined = [Entry("web", Image, "D2"), Entry("side", "r.io/side:1", "D2")] }).Plan.Workloads.Single();
        Assert.Equal(restarts, plan.Restart is not null);
        // A restart for another container would roll out the failed digest again.
        if (outsider == "D3")
            Assert.Equal(DecisionReason.Quarantined, plan.Containers.Single(container => container.Container == "else").Reason);
    }

    [Fact]
    public void Plan_PinPrevious_PutsTheDigestBeforeBackWhateverItsWindowSays()
    {
        var (decision, plan) = Decide(Web("D2").With(Annotations.OnFailure, "pin-previous").With(Annotations.Window, "Tue 01:00-02:00") with { Status = Given.Rolling }, "D2");
        Assert.Equal((ContainerAction.Restart, DecisionReason.PinPrevious), (decision.Action, decision.Reason));
        Assert.Equal($"{Image}@{Given.Digest("D1")}", Assert.Single(plan.Restart!.Images).After);
        Assert.Equal("web:" + Given.Digest("D1"), plan.Restart.PinnedDigest);
        // The digest that was rolled out last is the failed one, so it is not rolled out again.
        Assert.Equal("web:" + Given.Digest("D2"), plan.Restart.LastDigest);
    }

    [Theory]
    [InlineData(true, false, DecisionReason.Deleting)]
    [InlineData(false, true, DecisionReason.Paused)]
    public void Plan_PinPrevious_WaitsWhereNothingCanRoll(bool deleting, bool paused, DecisionReason reason)
    {
        var (decision, plan) = Decide(Web("D2").With(Annotations.OnFailure, "pin-previous") with { Deleting = deleting, Paused = paused }, "D2");
        Assert.Equal(reason, decision.Reason);
        Assert.Null(plan.Restart);
    }

    [Fact]
    public void Plan_PinPreviousWithoutPrevious_SaysSo()
    {
        var input = Input(Web("D2").With(Annotations.OnFailure, "pin-previous"), "D2") with { Quarantined = [Entry("web", Image, "D2") with { Previous = null }] };
        var decision = Planner.Plan(input).Plan.Workloads.Single().Containers.Single();
        Assert.Contains("the previous digest is unknown", decision.Explanation, StringComparison.Ordinal);
        Assert.Equal(ContainerAction.Hold, decision.Action);
    }

    [Fact]
    public void Plan_PinWasSetBack_IsNotPinnedAgainAndANewDigestIsRolledOut()
    {
        var (decision, plan) = Decide(Pinned(Image), "D2");
        Assert.Equal((ContainerAction.Hold, DecisionReason.Quarantined), (decision.Action, decision.Reason));
        Assert.Contains("but the image was set back", decision.Explanation, StringComparison.Ordinal);
        Assert.Null(plan.Restart);

        (decision, plan) = Decide(Pinned(Image), "D3");
        Assert.Equal(ContainerAction.Restart, decision.Action);
        Assert.Equal("", plan.Restart!.PinnedDigest);
    }

    [Theory]
    [InlineData("D2", ContainerAction.Hold, DecisionReason.PinnedToPrevious)]
    [InlineData("D3", ContainerAction.Restart, DecisionReason.DigestChanged)]
    [InlineData("D1", ContainerAction.Restart, DecisionReason.DigestChanged)]
    public void Plan_PutBack_ReturnsToItsTagWithAnotherDigest(string served, ContainerAction action, DecisionReason reason)
    {
        var pinned = Pinned($"{Image}@{{D1}}");
        var (decision, plan) = Decide(pinned, served);
        Assert.Equal((action, reason), (decision.Action, decision.Reason));
        if (action != ContainerAction.Restart)
            return;

        Assert.Equal(new ImageChange("web", IsInit: false, Given.Fill($"{Image}@{{D1}}"), Image), Assert.Single(plan.Restart!.Images));
        Assert.Equal("", plan.Restart.PinnedDigest);
        Assert.Equal("web:" + Given.Digest(served), plan.Restart.LastDigest);
    }

    [Fact]
    public void Plan_PutBackAndVolumeLost_StaysPutBack()
    {
        var input = Input(Pinned($"{Image}@{{D1}}").With(Annotations.LastDigest, "web:{D2}"), "D2") with { Quarantined = [], Baselines = new Dictionary<ContainerId, Baseline>() };
        Assert.Equal(DecisionReason.PinnedToPrevious, Planner.Plan(input).Plan.Workloads.Single().Containers.Single().Reason);
    }

    [Fact]
    public void Plan_SomebodyPinnedItElsewhere_IsTheirs() => Assert.Equal(DecisionReason.Pinned, Decide(Pinned($"{Image}@{{D4}}"), "D3").Decision.Reason);

    [Fact]
    public void Plan_PutBackUnderHolds_WaitsToReturn() =>
        Assert.Equal(DecisionReason.OutsideWindow, Decide(Pinned($"{Image}@{{D1}}").With(Annotations.Window, "Tue 01:00-02:00"), "D3").Decision.Reason);

    // What the pods run, of a workload with this restart and image.
    [Theory]
    [InlineData(Failed, Image, "D2", true, true)]
    [InlineData("2026-05-04T11:30:00Z", Image, "D2", true, true)]
    [InlineData("2026-05-04T11:30:00Z", Image, "D1", true, false)]
    [InlineData(Failed, Image, "D1", true, false)]
    [InlineData(Failed, Image, "none", true, false)]
    [InlineData("2026-05-04T10:00:00Z", Image, "D2", true, false)]
    [InlineData(Failed, Image, "D2", false, false)]
    [InlineData(Failed, Image + "@{D2}", "D2", true, false)]
    [InlineData(Failed, "r.io/app:2", "D2", true, false)]
    public void Recovered_PodsRunIt_Is(string restartedAt, string image, string runs, bool isRolledOut, bool recovered)
    {
        var workload = Given.Workload("web", Given.Container("web", image)) with { RestartedAt = restartedAt, Status = isRolledOut ? Given.Rolled : Given.Rolling };
        Assert.Equal(recovered ? ["r-1"] : [], Recovered(workload, runs == "none" ? [] : [Given.Pod(workload, ("web", $"r.io/app@{{{runs}}}"))]));
    }

    [Fact]
    public void Recovered_OnePodRunsAnother_IsNot()
    {
        var workload = Given.Workload("web", Given.Container("web", Image)) with { RestartedAt = Failed };
        Assert.Empty(Recovered(workload, [Given.Pod(workload, ("web", "r.io/app@{D2}")), Given.Pod(workload, ("web", "r.io/app@{D1}"))]));
        Assert.Empty(Recovered(workload with { Status = Given.Rolled with { OnDelete = true, Desired = 2 } }, [Given.Pod(workload, ("web", "r.io/app@{D2}"))]));
    }

    [Fact]
    public void Candidates_NothingQuarantined_AreNone() => Assert.Empty(Quarantine.Candidates([], [Given.Workload("web", Given.Container("web", Image))]));

    [Theory]
    [InlineData("D1", DecisionReason.UpToDate)]
    [InlineData("D2", DecisionReason.Quarantined)]
    [InlineData("D3", DecisionReason.DigestChanged)]
    public void Plan_RolledOutPastIt_HoldsItWhenItIsServedAgain(string served, DecisionReason reason)
    {
        var workload = Web("D1") with { RestartedAt = "2026-05-04T11:30:00Z" };
        var input = Given.Input([workload], [Given.Served(Image, served)], Given.Baseline("web", "web", Image, "D1")) with { Quarantined = [Entry("web", Image, "D2")] };
        Assert.Equal(reason, Planner.Plan(input).Plan.Workloads.Single().Containers.Single().Reason);
    }

    private static IReadOnlyList<string> Recovered(WorkloadSnapshot workload, IReadOnlyList<PodSnapshot> pods)
    {
        IReadOnlyList<QuarantinedDigest> quarantined = [Entry("web", Image, "D2")];
        return Quarantine.Recovered(
            quarantined, Quarantine.Candidates(quarantined, [workload]),
            new Dictionary<string, IReadOnlyList<PodSnapshot>> { [workload.Uid] = pods }, digest => Given.Manifests[digest].Value);
    }

    private static WorkloadSnapshot Web(string lastDigest) =>
        Given.Workload("web", Given.Container("web", Image)).With(Annotations.LastDigest, $"web:{{{lastDigest}}}") with { RestartedAt = Failed };

    private static WorkloadSnapshot Pinned(string image) =>
        Given.Workload("web", Given.Container("web", image)).With(Annotations.PinnedDigest, "web:{D1}").With(Annotations.OnFailure, "pin-previous");

    private static PlanningInput Input(WorkloadSnapshot workload, string served) => Given.Input([workload], [Given.Served(Image, served)], Given.Baseline("web", "web", Image, "D2")) with
    {
        Quarantined = [Entry("web", Image, "D2")],
    };

    private static (ContainerDecision Decision, WorkloadPlan Plan) Decide(WorkloadSnapshot workload, string served)
    {
        var plan = Planner.Plan(Input(workload, served)).Plan.Workloads.Single();
        return (plan.Containers.Single(), plan);
    }

    private static QuarantinedDigest Entry(string container, string image, string digest) => new(
        new("uid-web", container), new("default", WorkloadKind.Deployment, "web"), Given.Image(image), Given.Digest(digest), Given.Digest("D1"),
        "r-1", Failed, Given.Now.AddMinutes(-50), "it exceeded its deadline");
}
