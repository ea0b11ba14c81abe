using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>The rollout of "web" from D1 to D2 did not succeed, and somebody asks for it again.</summary>
public sealed class RetryTests
{
    private const string Image = "r.io/app:1";

    [Theory]
    [InlineData(DecisionReason.Quarantined)]
    [InlineData(DecisionReason.Mismatch)]
    [InlineData(DecisionReason.Reverted)]
    public void Plan_RetryRequested_RollsItOutAgain(DecisionReason reason)
    {
        var (held, _) = Decide(Web, Entry(reason), "D2");
        Assert.Equal((ContainerAction.Hold, reason), (held.Action, held.Reason));
        Assert.Contains("image-updater retry deployment/web --namespace default", held.Explanation, StringComparison.Ordinal);

        var (decision, plan) = Decide(Web, Entry(reason) with { RetryBy = "mona" }, "D2");
        Assert.Equal((ContainerAction.Restart, DecisionReason.Retry), (decision.Action, decision.Reason));
        Assert.StartsWith("retry requested by mona", decision.Explanation, StringComparison.Ordinal);
        // What ran before stays what pin-previous would pin to.
        Assert.Equal((Given.Digest("D1"), Given.Digest("D2")), (decision.From, decision.To));
        Assert.Equal("web:" + Given.Digest("D2"), plan.Restart!.LastDigest);
    }

    [Fact]
    public void Plan_RetryRequestedAndAnotherIsServed_IsThatOne() =>
        Assert.Equal(DecisionReason.DigestChanged, Decide(Web, Entry(DecisionReason.Reverted) with { RetryBy = "mona" }, "D3").Decision.Reason);

    [Fact]
    public void Plan_RetryOutsideItsWindow_IsHeld() =>
        Assert.Equal(DecisionReason.OutsideWindow, Decide(Web.With(Annotations.Window, "Tue 01:00-02:00"), Entry(DecisionReason.Mismatch) with { RetryBy = "mona" }, "D2").Decision.Reason);

    [Fact]
    public void Plan_RetryOfWhatWasPinnedToPrevious_RestoresTheTag()
    {
        var pinned = Given.Workload("web", Given.Container("web", $"{Image}@{{D1}}")).With(Annotations.PinnedDigest, "web:{D1}").With(Annotations.OnFailure, "pin-previous");
        var (decision, plan) = Decide(pinned, Entry(DecisionReason.Quarantined) with { RetryBy = "mona" }, "D2");
        Assert.Equal(DecisionReason.Retry, decision.Reason);
        Assert.Equal(Image, Assert.Single(plan.Restart!.Images).After);
        Assert.Equal("", plan.Restart.PinnedDigest);
    }

    /// <summary>The failed digest is the baseline, and never ran.</summary>
    [Fact]
    public void Plan_NewDigestAfterPinnedToPrevious_ComesFromWhatRan()
    {
        var pinned = Given.Workload("web", Given.Container("web", $"{Image}@{{D1}}")).With(Annotations.PinnedDigest, "web:{D1}").With(Annotations.OnFailure, "pin-previous");
        var (decision, _) = Decide(pinned, Entry(DecisionReason.Quarantined), "D3");
        Assert.Equal((DecisionReason.DigestChanged, "D1", "D3"), (decision.Reason, Given.Name(decision.From), Given.Name(decision.To)));
    }

    [Fact]
    public void Plan_RetryOfAFailure_NoLongerHoldsOtherWorkloads()
    {
        var other = Given.Workload("other", Given.Container("app", Image));
        var input = Given.Input([other], [Given.Served(Image, "D2")], Given.Baseline("other", "app", Image, "D1")) with { Quarantined = [Entry(DecisionReason.Quarantined) with { RetryBy = "mona" }] };
        Assert.Equal(DecisionReason.DigestChanged, Planner.Plan(input).Plan.Workloads.Single().Containers.Single().Reason);
    }

    [Fact]
    public void Recovered_RevertedAndThePodsRunItAllTheSame_Is()
    {
        var workload = Web with { RestartedAt = null };
        IReadOnlyList<QuarantinedDigest> held = [Entry(DecisionReason.Reverted)];
        var pods = new Dictionary<string, IReadOnlyList<PodSnapshot>> { ["uid-web"] = [Given.Pod(workload, ("web", "r.io/app@{D2}"))] };
        Assert.Equal(["r-1"], Quarantine.Recovered(held, Quarantine.Candidates(held, [workload]), pods, digest => Given.Manifests[digest].Value));
    }

    private static WorkloadSnapshot Web => Given.Workload("web", Given.Container("web", Image)).With(Annotations.LastDigest, "web:{D2}");

    private static (ContainerDecision Decision, WorkloadPlan Plan) Decide(WorkloadSnapshot workload, QuarantinedDigest entry, string served)
    {
        var input = Given.Input([workload], [Given.Served(Image, served)], Given.Baseline("web", "web", Image, "D2")) with { Quarantined = [entry] };
        var plan = Planner.Plan(input).Plan.Workloads.Single();
        return (plan.Containers.Single(), plan);
    }

    private static QuarantinedDigest Entry(DecisionReason reason) => new(
        new("uid-web", "web"), new("default", WorkloadKind.Deployment, "web"), Given.Image(Image), Given.Digest("D2"), Given.Digest("D1"),
        "r-1", "2026-05-04T11:00:00Z", Given.Now.AddMinutes(-50), "why")
    {
        Reason = reason,
    };
}
