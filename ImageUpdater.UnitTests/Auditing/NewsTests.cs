using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Reports;
using ImageUpdater.UnitTests.Planning;

namespace ImageUpdater.UnitTests.Auditing;

/// <summary>What makes a plan worth storing: cycle after cycle, each with the last decisions of the one before.</summary>
public sealed class NewsTests
{
    private const string Image = "r.io/app:1";

    private static readonly ImageReference App = Given.Image(Image);

    private static readonly string[] Holds =
    [
        "deleting", "paused", "invalid annotation", "failed", "failed elsewhere", "own rollout", "rollout", "flapping", "approval", "min-age", "min-age of the future",
        "cooldown", "cooldown of the future", "window",
    ];

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (var one in Holds)
        {
            foreach (var other in Holds)
                pairs.Add(one, other);
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Compare_HoldsThatBeginAndEnd_PlansAreEqualButForIdAndTimeUntilTheNextOne(string one, string other)
    {
        var cycles = new Cycles();
        // One holds it, then both do, then the other one: each for three cycles, of which only the first may be news.
        foreach (var holds in new string[][] { [one], [one, other], [other] })
        {
            var first = cycles.Next(With(holds));
            for (var again = 0; again < 2; again++)
            {
                var next = cycles.Next(With(holds));
                Assert.Equal(first.Json, next.Json);
                Assert.True(next.Entry.IsEmpty, $"{string.Join(" and ", holds)}: {string.Join("; ", next.Entry.Decisions.Select(decision => decision.Explanation))}");
                Assert.False(next.Entry.IsNews);
            }
        }
    }

    [Fact]
    public void Pairs_Alone_HoldForTheReasonThatTheyStandFor() => Assert.Equal(
        [
            DecisionReason.Deleting, DecisionReason.Paused, DecisionReason.InvalidAnnotation, DecisionReason.Quarantined, DecisionReason.Quarantined, DecisionReason.RolloutRunning, DecisionReason.RolloutRunning, DecisionReason.Flapping, DecisionReason.ApprovalRequired,
            DecisionReason.MinAge, DecisionReason.MinAge, DecisionReason.Cooldown, DecisionReason.Cooldown, DecisionReason.OutsideWindow,
        ],
        Holds.Select(hold => new Cycles().Next(With([hold])).Plan.Workloads.Single(workload => workload.Key.Name == "web").Containers.Single(container => container.Container == "web").Reason));

    [Fact]
    public void Compare_QueuedTurns_AreNoNews()
    {
        var cycles = new Cycles();
        var workloads = Enumerable.Range(0, 12).Select(i => Given.Workload($"w{i:00}", Given.Container("web", Image))).ToList();
        Assert.True(cycles.Next(Wave(workloads, done: 0, running: 0)).Entry.IsNews);
        for (var turn = 1; turn < 6; turn++)
        {
            // Two roll out, and two have.
            var running = cycles.Next(Wave(workloads, done: (turn - 1) * 2, running: 2)).Entry;
            Assert.False(running.IsNews);
            Assert.Empty(running.Audit);
            var next = cycles.Next(Wave(workloads, done: turn * 2, running: 0));
            Assert.False(next.Entry.IsNews);
            Assert.Empty(next.Entry.Audit);
            Assert.Equal(2, next.Plan.Counts.Restart);
        }

        Assert.False(cycles.Next(Wave(workloads, done: 12, running: 0)).Entry.IsNews);
    }

    [Fact]
    public void Compare_HoldEndsInTheQueue_IsRecordedAsItsEnd()
    {
        var cycles = new Cycles();
        var full = new Dictionary<string, Rollout> { ["uid-else"] = Given.Running("else"), ["uid-more"] = Given.Running("more") };
        cycles.Next(With(["paused"]) with { Running = full });

        var entry = cycles.Next(With([]) with { Running = full }).Entry;

        Assert.Equal("web released: queued: 2 of 2 rollout slots of the namespace are in use", Assert.Single(entry.Audit).Message);
        Assert.True(entry.IsNews);
        Assert.Empty(cycles.Next(With([])).Entry.Audit);
    }

    /// <summary>Every flip changes what is served, so that the workload is due and not due in turn.</summary>
    [Theory]
    [InlineData()]
    [InlineData("paused")]
    public void Compare_TagFlaps_IsRecordedWhenItBeginsAndWhenItEnds(params string[] others)
    {
        var cycles = new Cycles();
        var audit = new List<string>();
        var stored = 0;
        for (var minute = 0; minute < 60; minute += 5)
            Add(cycles.Next(Flip(minute), advance: 5).Entry);
        Assert.Equal(others.Length == 0 ? "web held: the tag is flapping" : "web held: the Deployment is paused", Assert.Single(audit)[..(others.Length == 0 ? 29 : 34)]);
        // The first sight, and the hold.
        Assert.Equal(2, stored);

        // D1, the baseline, is served from then on.
        Add(cycles.Next(Flip(60) with { Now = Given.Now.AddMinutes(90) }, advance: 30).Entry);
        Assert.Equal("web released: up to date", audit[1]);
        Assert.Equal(2, audit.Count);

        void Add(JournalEntry entry)
        {
            audit.AddRange(entry.Audit.Select(record => record.Message));
            stored += entry.IsNews ? 1 : 0;
        }

        PlanningInput Flip(int minute)
        {
            var digest = minute % 10 == 0 ? "D1" : "D2";
            var at = Given.Now.AddMinutes(minute);
            return With(others) with
            {
                Now = at,
                Checks = new Dictionary<ObservedImage, ImageCheck> { [App] = new ServedCheck(App, minute == 60 ? at.AddMinutes(30) : at, Given.Digest(digest), Given.OciManifest) },
                ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [App] = at },
                Observations = new Dictionary<ObservedImage, IReadOnlyList<Observation>>
                {
                    [App] = [.. Enumerable.Range(0, (minute / 5) + 5).Select(i => new Observation(App, Given.Digest((i % 2 == 0) == (digest == "D1") ? "D1" : "D2"), Given.OciManifest, at.AddMinutes(-5 * i)))],
                },
            };
        }
    }

    private static PlanningInput Wave(IReadOnlyList<WorkloadSnapshot> workloads, int done, int running) =>
        Given.Input(workloads, [Given.Served(Image, "D2")], [.. workloads.Select((workload, i) => Given.Baseline(workload.Key.Name, "web", Image, i < done + running ? "D2" : "D1"))]) with
        {
            Running = workloads.Skip(done).Take(running).ToDictionary(workload => workload.Uid, workload => Given.Running(workload.Key.Name)),
            ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [App] = Given.Now.AddHours(-1) },
        };

    private static PlanningInput With(string[] holds)
    {
        var web = Given.Workload("web", Given.Container("web", Image));
        var input = Given.Input([web], [Given.Served(Image, "D2")], Given.Baseline("web", "web", Image, "D1")) with
        {
            ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [App] = Given.Now.AddHours(-1) },
            LastRestarts = new Dictionary<string, DateTimeOffset>(),
            Observations = new Dictionary<ObservedImage, IReadOnlyList<Observation>>(),
        };
        return holds.Distinct().Aggregate(input, With);
    }

    private static PlanningInput With(PlanningInput input, string hold)
    {
        return hold switch
        {
            "deleting" => Web(web => web with { Deleting = true }),
            "paused" => Web(web => web with { Paused = true }),
            "invalid annotation" => Web(web => web.With(Annotations.Window, "whenever")),
            // Another container's digest failed, which a restart would roll out again.
            "failed" => Web(web => web with { Containers = [.. web.Containers, Given.Container("side", "r.io/side:1")] }) with
            {
                Checks = input.Checks.Append(new(Given.Image("r.io/side:1"), Given.Served("r.io/side:1", "D3"))).ToDictionary(),
                Baselines = input.Baselines.Append(new(new("uid-web", "side"), Given.Baseline("web", "side", "r.io/side:1", "D3"))).ToDictionary(),
                Quarantined = [.. input.Quarantined, Failed("uid-web", "side", "r.io/side:1", "D3")],
            },
            "failed elsewhere" => input with { Quarantined = [.. input.Quarantined, Failed("uid-else", "web", Image, "D2")] },
            "own rollout" => input with { Running = new Dictionary<string, Rollout> { ["uid-web"] = Given.Running("web") } },
            "rollout" => Web(web => web with { Status = Given.Rolling }),
            "flapping" => input with
            {
                ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [App] = Given.Now.AddMinutes(-1) },
                Observations = new Dictionary<ObservedImage, IReadOnlyList<Observation>>
                {
                    [App] = [.. new[] { "D2", "D1", "D2", "D1", "D2" }.Select((digest, i) => new Observation(App, Given.Digest(digest), Given.OciManifest, Given.Now.AddMinutes(-1 - i)))],
                },
            },
            "approval" => Web(web => web.With(Annotations.Approval, "required")),
            "min-age" => Web(web => web.With(Annotations.MinAge, "2h")),
            "min-age of the future" => Web(web => web.With(Annotations.MinAge, "2h")) with { ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [App] = Given.Now.AddDays(300) } },
            "cooldown" => Web(web => web.With(Annotations.Cooldown, "30d")),
            "cooldown of the future" => Web(web => web.With(Annotations.Cooldown, "30d") with { RestartedAt = "2027-05-04T12:00:00Z" }),
            _ => Web(web => web.With(Annotations.Window, "Tue 01:00-02:00")),
        };

        PlanningInput Web(Func<WorkloadSnapshot, WorkloadSnapshot> change) => input with { Workloads = [change(input.Workloads[0])] };
    }

    private static QuarantinedDigest Failed(string uid, string container, string image, string digest) => new(
        new(uid, container), new("default", WorkloadKind.Deployment, uid[4..]), Given.Image(image), Given.Digest(digest), Given.Digest("D1"), "r-" + uid, "2026-05-04T09:00:00Z", Given.Now.AddHours(-3), "it failed");

    /// <summary>One cycle a minute.</summary>
    private sealed class Cycles
    {
        private readonly Dictionary<ContainerId, LastDecision> last = [];
        private DateTimeOffset now = Given.Now;

        public (RolloutPlan Plan, string Json, JournalEntry Entry) Next(PlanningInput input, int advance = 1)
        {
            var plan = Planner.Plan(input with { Now = advance == 1 ? now : input.Now, LastDecisions = new Dictionary<ContainerId, LastDecision>(last) }).Plan;
            now = now.AddMinutes(advance);
            var entry = DecisionJournal.Compare(last, plan, "controller", planId: null);
            foreach (var decision in entry.Decisions)
                last[decision.Id] = decision;
            foreach (var gone in entry.Gone)
                last.Remove(gone);
            return (plan, PlanJson.Write("p", plan with { CreatedAt = Given.Now }), entry);
        }
    }
}
