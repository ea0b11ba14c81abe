using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>"web" was rolled out from D1 to D2, and its pods run D1.</summary>
public sealed class MismatchTests
{
    private const string Image = "r.io/app:1";
    private const string Restarted = "2026-05-04T11:00:00Z";

    private static readonly QuarantinedDigest Entry = new(
        new("uid-web", "web"), new("default", WorkloadKind.Deployment, "web"), Given.Image(Image), Given.Digest("D2"), Given.Digest("D1"),
        "r-1", Restarted, Given.Now.AddMinutes(-50), "pod web-1 reports D1 for web, not D2")
    {
        Reason = DecisionReason.Mismatch,
    };

    [Theory]
    [InlineData("D2", ContainerAction.Hold, DecisionReason.Mismatch)]
    [InlineData("D3", ContainerAction.Restart, DecisionReason.DigestChanged)]
    [InlineData("D1", ContainerAction.Restart, DecisionReason.DigestChanged)]
    public void Plan_DigestThatDoesNotRun_IsHeldWhileItIsServed(string served, ContainerAction action, DecisionReason reason)
    {
        var decision = Decide(Web, served, "D2").Containers.Single();
        Assert.Equal((action, reason), (decision.Action, decision.Reason));
        if (action == ContainerAction.Hold)
            Assert.Contains($"{Given.Digest("D2").Abbreviated} was rolled out at 2026-05-04 11:10:00Z, but pods run another digest: pod web-1 reports D1 for web, not D2", decision.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_AnotherDigestThatIsTheSameForTheNodes_IsHeldAndTheBaselineStays()
    {
        var input = Given.Input([Web], [Given.Served(Image, "I2")], Given.Baseline("web", "web", Image, "I1")) with { Quarantined = [Entry with { Digest = Given.Digest("I1") }] };
        var decision = Planner.Plan(input).Plan.Workloads.Single().Containers.Single();
        Assert.Equal((DecisionReason.Mismatch, null), (decision.Reason, decision.Adopt));
    }

    [Fact]
    public void Plan_PinPrevious_PinsNothingForAMismatch() =>
        Assert.Equal(DecisionReason.Mismatch, Decide(Web.With(Annotations.OnFailure, "pin-previous"), "D2", "D2").Containers.Single().Reason);

    [Fact]
    public void Plan_AnotherContainer_IsRestarted()
    {
        var workload = Given.Workload("web", Given.Container("web", Image), Given.Container("side", "r.io/side:1")) with { RestartedAt = Restarted };
        var input = Given.Input(
            [workload], [Given.Served(Image, "D2"), Given.Served("r.io/side:1", "D4")],
            Given.Baseline("web", "web", Image, "D2"), Given.Baseline("web", "side", "r.io/side:1", "D3")) with
        { Quarantined = [Entry] };
        var plan = Planner.Plan(input).Plan.Workloads.Single();
        Assert.Equal([DecisionReason.Mismatch, DecisionReason.DigestChanged], plan.Containers.Select(container => container.Reason));
    }

    [Fact]
    public void Plan_OtherWorkloadWithTheImage_IsNotConcerned()
    {
        var input = Given.Input([Given.Workload("other", Given.Container("app", Image))], [Given.Served(Image, "D2")], Given.Baseline("other", "app", Image, "D1")) with { Quarantined = [Entry] };
        Assert.Equal(DecisionReason.DigestChanged, Planner.Plan(input).Plan.Workloads.Single().Containers.Single().Reason);
    }

    [Fact]
    public void Plan_RolloutOfSomebodyElse_IsWaitedFor()
    {
        var decision = Decide(Web with { Status = Given.Rolling }, "D3", "D2").Containers.Single();
        Assert.Equal(DecisionReason.RolloutRunning, decision.Reason);
    }

    [Theory]
    [InlineData("D2", true)]
    [InlineData("D1", false)]
    public void Recovered_PodsRunIt_Is(string runs, bool recovered)
    {
        var pods = new Dictionary<string, IReadOnlyList<PodSnapshot>> { ["uid-web"] = [Given.Pod(Web, ("web", $"r.io/app@{{{runs}}}"))] };
        Assert.Equal(recovered ? ["r-1"] : [], Quarantine.Recovered([Entry], Quarantine.Candidates([Entry], [Web]), pods, digest => Given.Manifests[digest].Value));
    }

    [Fact]
    public void After_Mismatch_HoldsTheContainersThatDoNotRunIt()
    {
        var baselines = new[] { Given.Baseline("web", "web", Image, "D2"), Given.Baseline("web", "side", "r.io/side:1", "D4") };
        var ended = new Rollout
        {
            Id = "r-1",
            Workload = Entry.Workload,
            Uid = "uid-web",
            Actor = "controller",
            StartedAt = Given.Now,
            RestartedAt = Restarted,
            LastDigest = "",
            Patch = "{}",
            ResourceVersionBefore = "7",
            Baselines = baselines,
            PullPolicies = [],
            State = RolloutState.Mismatch,
            EndedAt = Entry.Since,
            Outcome = "rolled out",
            VerificationMessage = Entry.Why,
            Changes = [Change("web", "D1", "D2"), Change("side", "D3", "D4")],
        };
        Assert.Equal([Entry], Quarantine.After(ended, ["web"]));
        Assert.Empty(Quarantine.After(ended with { State = RolloutState.Succeeded }));
    }

    private static WorkloadSnapshot Web => Given.Workload("web", Given.Container("web", Image)) with { RestartedAt = Restarted };

    private static WorkloadPlan Decide(WorkloadSnapshot workload, string served, string baseline) => Planner.Plan(
        Given.Input([workload], [Given.Served(Image, served)], Given.Baseline("web", "web", Image, baseline)) with { Quarantined = [Entry] }).Plan.Workloads.Single();

    private static DigestChange Change(string container, string from, string to) =>
        new(container, IsInit: false, Image, Given.Digest(from), Given.Digest(to), DecisionReason.DigestChanged);
}
