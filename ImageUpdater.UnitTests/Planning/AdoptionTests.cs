using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>Containers without a baseline over time. What is decided at one look is in TestData/container-rules.tsv.</summary>
public sealed class AdoptionTests
{
    private const string Image = "r.io/app:1";

    private static readonly RolloutStatus Starting = Given.Rolled with { Desired = 3, Total = 3, Updated = 3, Ready = 0, Available = 0 };

    // Each number is how many of three pods are ready, five minutes later each time. The default limit is 15 minutes.
    [Theory]
    [InlineData("ends", "0 0 0", "Waiting Waiting Waiting")]
    [InlineData("makes no progress", "0 0 0 0 0", "Waiting Waiting Waiting Waiting DigestChanged")]
    [InlineData("progresses slowly", "0 0 0 1 1 1 2 2 2 2", "Waiting Waiting Waiting Waiting Waiting Waiting Waiting Waiting Waiting Waiting")]
    [InlineData("returns to an old number", "1 0 1 0 1", "Waiting Waiting Waiting Waiting DigestChanged")]
    public void Plan_RolloutGoesOn_WaitsWhileThereIsProgress(string name, string looks, string expected)
    {
        var reasons = new List<string>();
        var paces = new Dictionary<string, RolloutPace>();
        var ready = looks.Split(' ').Select(int.Parse).ToList();
        for (var i = 0; i < ready.Count; i++)
        {
            var workload = Set(Starting with { Ready = ready[i], Available = ready[i] });
            var input = Input(workload, Pods(workload, "D1")) with { Now = Given.Now.AddMinutes(5 * i), Paces = paces };
            var plan = Planner.Plan(input).Plan;
            reasons.Add(Only(plan).Reason.ToString());
            foreach (var (uid, pace) in WaitingPace.Changes(plan, input))
                paces = pace is null ? [] : new() { [uid] = pace };
        }

        Assert.Equal((name, expected), (name, string.Join(' ', reasons)));
        Assert.Equal(reasons[^1] == "Waiting", paces.Count == 1);
    }

    [Fact]
    public void Plan_RolloutGoesOn_AsksForNoPods()
    {
        var outcome = Planner.Plan(Input(Set(Starting)));

        Assert.False(outcome.MissingInputs.Any);
        Assert.Null(Only(outcome.Plan).Adopt);
    }

    [Fact]
    public void Plan_ARolloutTimeoutOfItsOwn_IsTheLimit()
    {
        var workload = Set(Starting).With(Annotations.RolloutTimeout, "1h");
        var stored = new Dictionary<string, RolloutPace> { [workload.Uid] = new(3, 0, TimeSpan.FromMinutes(59), Given.Now) };

        Assert.Equal(DecisionReason.Waiting, Only(Planner.Plan(Input(workload, Pods(workload, "D1")) with { Paces = stored }).Plan).Reason);
    }

    [Fact]
    public void Plan_TheControllerStoodStill_DoesNotCountThatTime()
    {
        var workload = Set(Starting);
        var stored = new Dictionary<string, RolloutPace> { [workload.Uid] = new(3, 0, TimeSpan.Zero, Given.Now.AddHours(-3)) };
        var input = Input(workload, Pods(workload, "D1")) with { Paces = stored, LongestGap = TimeSpan.FromMinutes(2) };

        Assert.Equal(DecisionReason.Waiting, Only(Planner.Plan(input).Plan).Reason);
    }

    [Theory]
    [InlineData(0, "NoOp Waiting: no baseline yet; waiting for its pods, which cannot be listed at the moment")]
    [InlineData(20, "NoOp FirstSeen: first seen; current digest recorded as the baseline, unverified: its pods cannot be listed")]
    public void Plan_PodsCannotBeListed_WaitsUntilTheDeadline(int minutes, string expected)
    {
        var workload = Set(Given.Rolled);
        var input = Input(workload, []) with
        {
            UnreadPods = new HashSet<string> { workload.Uid },
            Paces = new Dictionary<string, RolloutPace> { [workload.Uid] = new(1, 1, TimeSpan.FromMinutes(minutes), Given.Now) },
        };

        var decision = Only(Planner.Plan(input).Plan);

        Assert.Equal(expected, $"{decision.Action} {decision.Reason}: {decision.Explanation}");
        Assert.Equal(minutes > 0, decision.Adopt is { IsUnverified: true });
    }

    // A Deployment whose new revision does not become available still has pods of the one before.
    [Fact]
    public void Plan_RolloutOfAnotherRevisionIsStuck_AsksTheNewestRevision()
    {
        var workload = Given.Workload("web", Given.Container("web", Image)) with { Status = Given.Rolling with { ProgressDeadlineExceeded = true } };
        var old = Given.Pod(workload, ("web", "r.io/app@{D1}")) with { Name = "old", CreatedAt = Given.Now.AddDays(-1) };
        var replaced = old with { Name = "replaced", CreatedAt = Given.Now };
        var young = Of(workload, "88", "D2") with { CreatedAt = Given.Now.AddMinutes(-30) };

        var decision = Only(Planner.Plan(Input(workload, [old, replaced, young])).Plan);

        Assert.Equal((DecisionReason.UpToDate, "up to date, according to its pods"), (decision.Reason, decision.Explanation));
    }

    [Fact]
    public void Plan_PodsTellWhatTheyRun_IsVerified()
    {
        var workload = Set(Given.Rolled);

        Assert.False(Only(Planner.Plan(Input(workload, Pods(workload, "D1"))).Plan).Adopt!.IsUnverified);
        Assert.False(Only(Planner.Plan(Input(workload, Pods(workload, "D2"))).Plan).Adopt!.IsUnverified);
        Assert.True(Only(Planner.Plan(Input(workload, [])).Plan).Adopt!.IsUnverified);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("new", null)]
    [InlineData("failed", null)]
    [InlineData("old", "1 workload runs an older digest than its tag serves and will be restarted, at most 1 at a time and 1 per namespace.")]
    [InlineData("old old new", "2 workloads run an older digest than their tag serves and will be restarted, at most 1 at a time and 1 per namespace.")]
    [InlineData("paused paused", "2 workloads run an older digest than their tag serves; 2 are held.")]
    [InlineData("old paused old", "3 workloads run an older digest than their tag serves; 2 will be restarted, at most 1 at a time and 1 per namespace; 1 is held.")]
    public void Describe_Workloads_CountsThoseWithAnOlderDigest(string kinds, string? expected)
    {
        var workloads = kinds.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((kind, i) => (Kind: kind, Workload: Given.Workload($"web{i}", Given.Container("web", Image)) with { Paused = kind == "paused" })).ToList();
        var pods = workloads.ToDictionary(one => one.Workload.Uid, one => Pods(one.Workload, one.Kind == "new" ? "D2" : "D1"));
        var plan = Planner.Plan(Given.Input(workloads.Select(one => one.Workload), [Check()]) with
        {
            Pods = pods,
            Options = new() { Holds = new() { MaxRollouts = 1, MaxRolloutsPerNamespace = 1 } },
        }).Plan;

        Assert.Equal(expected, OutdatedWorkloads.Describe(plan));

        ImageCheck Check() => kinds == "failed" ? Given.Failed(Image, RegistryFailureKind.TimedOut, "did not answer") : Given.Served(Image, "D2");
    }

    private static WorkloadSnapshot Set(RolloutStatus status) =>
        Given.Workload("web", Given.Container("web", Image)) with { Key = new("default", WorkloadKind.StatefulSet, "web"), Status = status };

    private static IReadOnlyList<PodSnapshot> Pods(WorkloadSnapshot workload, string digest) => [Given.Pod(workload, ("web", $"r.io/app@{{{digest}}}"))];

    private static PodSnapshot Of(WorkloadSnapshot workload, string revision, string digest) =>
        Given.Pod(workload, ("web", $"r.io/app@{{{digest}}}")) with { Owner = new("ReplicaSet", $"{workload.Key.Name}-{revision}", "rs-" + revision), RevisionHash = revision };

    private static PlanningInput Input(WorkloadSnapshot workload, IReadOnlyList<PodSnapshot>? pods = null) =>
        Given.Input([workload], [Given.Served(Image, "D2")]) with
        {
            Pods = pods is null ? new Dictionary<string, IReadOnlyList<PodSnapshot>>() : new Dictionary<string, IReadOnlyList<PodSnapshot>> { [workload.Uid] = pods },
        };

    private static ContainerDecision Only(RolloutPlan plan) => Assert.Single(Assert.Single(plan.Workloads).Containers);
}
