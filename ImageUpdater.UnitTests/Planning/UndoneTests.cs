using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>The store was lost. The workload's pods or annotation say D1, the registry serves D2: was D2 rolled out before, and undone?</summary>
public sealed class UndoneTests
{
    private const string Image = "r.io/app:1";

    [Theory]
    // The workload's template was restarted on 2026-05-01. Each revision: restartedAt and last-digest.
    [InlineData("2026-05-02T00:00:00Z web:{D2}", DecisionReason.Undone)]
    [InlineData("2026-05-02T00:00:00Z {D2}", DecisionReason.Undone)]
    [InlineData("2026-05-02T00:00:00Z web:{D2}|2026-05-01T00:00:00Z web:{D1}|- -", DecisionReason.Undone)]
    // Somebody also restarted it by hand in between.
    [InlineData("2026-05-02T00:00:00Z web:{D2}|2026-05-03T02:00:00+02:00 web:{D2}", DecisionReason.Undone)]
    // The newest of ours brought another digest; this one would be due with the store, too.
    [InlineData("2026-05-02T00:00:00Z web:{D2}|2026-05-03T00:00:00Z web:{D3}", DecisionReason.DigestChanged)]
    [InlineData("2026-05-02T00:00:00Z web:{D3}|2026-05-03T00:00:00Z web:{D2}", DecisionReason.Undone)]
    // Not of a later template, or not of ours.
    [InlineData("2026-05-01T00:00:00Z web:{D2}", DecisionReason.DigestChanged)]
    [InlineData("2026-04-30T00:00:00Z web:{D2}", DecisionReason.DigestChanged)]
    [InlineData("- web:{D2}", DecisionReason.DigestChanged)]
    [InlineData("soon web:{D2}", DecisionReason.DigestChanged)]
    [InlineData("2026-05-02T00:00:00Z -", DecisionReason.DigestChanged)]
    [InlineData("2026-05-02T00:00:00Z other:{D2}", DecisionReason.DigestChanged)]
    [InlineData("", DecisionReason.DigestChanged)]
    public void Plan_FirstSeen_RecognisesWhatWasUndone(string revisions, DecisionReason reason)
    {
        var decision = Decide(Web().With(Annotations.LastDigest, "web:{D1}"), revisions);

        Assert.Equal(reason, decision.Reason);
        if (reason == DecisionReason.Undone)
            Assert.Equal((ContainerAction.NoOp, "D2", BaselineOrigin.Undone), (decision.Action, Given.Name(decision.Adopt!.Digest), decision.Adopt.Origin));
    }

    [Theory]
    [InlineData(WorkloadKind.Deployment)]
    [InlineData(WorkloadKind.StatefulSet)]
    [InlineData(WorkloadKind.DaemonSet)]
    public void Plan_FirstSeenByItsPods_RecognisesIt(WorkloadKind kind)
    {
        var web = Web() with { Key = new("default", kind, "web"), RestartedAt = null };
        var input = Input(web, "2026-05-02T00:00:00Z web:{D2}") with
        {
            Pods = new Dictionary<string, IReadOnlyList<PodSnapshot>> { [web.Uid] = [Given.Pod(web, ("web", "r.io/app@{D1}"))] },
        };
        Assert.Equal(DecisionReason.Undone, Decide(input).Reason);
    }

    [Fact]
    public void Plan_Undone_AsksForRevisionsOnlyWhereARestartIsDueWithoutAStoredBaseline()
    {
        var unread = Given.Input([Web().With(Annotations.LastDigest, "web:{D1}")], [Given.Served(Image, "D2")]) with { Revisions = new Dictionary<string, IReadOnlyList<RevisionSnapshot>>() };
        Assert.Equal(["uid-web"], Planner.Plan(unread).MissingInputs.RevisionsOfWorkloads);

        Assert.Empty(Planner.Plan(unread with { Workloads = [Web().With(Annotations.LastDigest, "web:{D2}")] }).MissingInputs.RevisionsOfWorkloads);
        Assert.Empty(Planner.Plan(unread with { Workloads = [Web()] }).MissingInputs.RevisionsOfWorkloads);
        Assert.Empty(Planner.Plan(unread with { Baselines = new Dictionary<ContainerId, Baseline> { [new("uid-web", "web")] = Given.Baseline("web", "web", Image, "D1") } }).MissingInputs.RevisionsOfWorkloads);
    }

    [Theory]
    [InlineData("D2", "2026-05-01T00:00:00Z", DecisionReason.Undone)]
    // Somebody restarted it since, which pulls what is served.
    [InlineData("D2", "2026-05-04T00:00:00Z", DecisionReason.UpToDate)]
    [InlineData("D3", "2026-05-01T00:00:00Z", DecisionReason.DigestChanged)]
    public void Plan_KnownAsUndone_StaysSoUntilAnotherIsServedOrItIsRestarted(string served, string restartedAt, DecisionReason reason)
    {
        var input = Given.Input([Web() with { RestartedAt = restartedAt }], [Given.Served(Image, served)], Given.Baseline("web", "web", Image, "D2", BaselineOrigin.Undone));
        Assert.Equal(reason, Decide(input).Reason);
    }

    private static WorkloadSnapshot Web() => Given.Workload("web", Given.Container("web", Image));

    private static PlanningInput Input(WorkloadSnapshot workload, string revisions) => Given.Input([workload], [Given.Served(Image, "D2")]) with
    {
        Revisions = new Dictionary<string, IReadOnlyList<RevisionSnapshot>>
        {
            [workload.Uid] =
            [
                .. from text in revisions.Split('|', StringSplitOptions.RemoveEmptyEntries)
                   let parts = text.Split(' ')
                   select new RevisionSnapshot(parts[0] == "-" ? null : parts[0], parts[1] == "-" ? null : Given.Fill(parts[1])),
            ],
        },
    };

    private static ContainerDecision Decide(WorkloadSnapshot workload, string revisions) => Decide(Input(workload, revisions));

    private static ContainerDecision Decide(PlanningInput input) => Planner.Plan(input).Plan.Workloads.Single().Containers.Single();
}
