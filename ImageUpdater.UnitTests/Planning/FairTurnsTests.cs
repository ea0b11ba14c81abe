using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

public sealed class FairTurnsTests
{
    private const string Image = "r.io/app:1";

    // Minutes since the last rollout of each namespace; "-" for none.
    [Theory]
    [InlineData("a=1 b=5 c=3", "b c a")]
    [InlineData("a=1 b=5 c=-", "c b a")]
    [InlineData("a=- b=- c=-", "a b c")]
    [InlineData("a=2 b=2 c=2", "a b c")]
    public void Plan_FewerSlotsThanRestarts_ServesTheLeastRecentlyServedNamespaceFirst(string served, string order)
    {
        var namespaces = served.Split(' ').Select(one => one.Split('=')).ToDictionary(one => one[0], one => one[1]);
        var input = Due([.. namespaces.Keys.Select(name => Workload(name, 0))]) with
        {
            LastServed = namespaces.Where(one => one.Value != "-").ToDictionary(one => one.Key, one => Given.Now.AddMinutes(-int.Parse(one.Value))),
        };
        var expected = order.Split(' ');
        for (var slots = 1; slots <= expected.Length; slots++)
            Assert.Equal(expected[..slots].Order(), Restarted(input with { Options = Slots(slots) }).Select(workload => workload.Key.Namespace));
    }

    [Fact]
    public void Plan_WithinANamespace_KeepsTheOrderOfThePlan()
    {
        var input = Due([Workload("a", 2), Workload("a", 0), Workload("a", 1), Workload("b", 0)]);
        Assert.Equal(["a/w0", "b/w0"], Restarted(input with { Options = Slots(2) }).Select(workload => $"{workload.Key.Namespace}/{workload.Key.Name}"));
        Assert.Equal(["a/w0", "a/w1", "b/w0"], Restarted(input with { Options = Slots(3) }).Select(workload => $"{workload.Key.Namespace}/{workload.Key.Name}"));
    }

    [Theory]
    [InlineData(2, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(1, 1, false)]
    public void Plan_LastServed_IsNeededOnlyWhereATurnIsDecided(int slots, int running, bool needed)
    {
        var input = Due([Workload("a", 0), Workload("b", 0)]) with
        {
            Options = Slots(slots),
            Running = Enumerable.Range(0, running).ToDictionary(i => $"uid-r{i}", i => Given.Running($"r{i}", "c")),
        };
        Assert.Equal(needed, Planner.Plan(input).MissingInputs.LastServed);
        Assert.Equal(needed, Planner.Plan(input).MissingInputs.Any);
        Assert.False(Planner.Plan(input with { LastServed = new Dictionary<string, DateTimeOffset>() }).MissingInputs.Any);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(15, false)]
    [InlineData(16, true)]
    public void Plan_RolloutWithoutProgress_GivesItsSlotBackAtTheTimeoutOfTheOptions(int? minutesWithoutProgress, bool restarts)
    {
        var stuck = Given.Running("stuck", "a") with { Pace = minutesWithoutProgress is { } minutes ? new RolloutPace(0, 0, TimeSpan.FromMinutes(minutes), Given.Now) : null };
        var input = Due([Workload("a", 0)]) with { Options = Slots(1), Running = new Dictionary<string, Rollout> { [stuck.Uid] = stuck } };
        Assert.Equal(restarts, Restarted(input).Count == 1);
        Assert.Equal(restarts, Restarted(input with { Options = new() { Holds = new() { MaxRolloutsPerNamespace = 1 } } }).Count == 1);
    }

    /// <summary>
    /// Every namespace but the last has any number of workloads whose rollouts never become ready and for which a new digest is served all the time. The one
    /// workload of the last namespace is restarted nevertheless, after at most one rollout of each other namespace.
    /// </summary>
    [Fact]
    public void Plan_EarlyNamedNamespacesNeverBecomeReady_DoNotKeepALaterOneWaiting() => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(100),
        Prop.ForAll(
            Arb.From(
                from others in Gen.Choose(1, 12).ListOf(3)
                from slots in Gen.Choose(1, 5)
                from perNamespace in Gen.Choose(1, 3)
                from cyclesOfARollout in Gen.Choose(1, 4)
                from dueAt in Gen.Choose(0, 12)
                select (Others: others.ToList(), Slots: slots, PerNamespace: perNamespace, Cycles: cyclesOfARollout, DueAt: dueAt)),
            world => CyclesUntilServed(world.Others, world.Slots, world.PerNamespace, world.Cycles, world.DueAt) <= world.Cycles * (world.Others.Count + 1)));

    private static int CyclesUntilServed(List<int> others, int slots, int perNamespace, int cyclesOfARollout, int dueAt)
    {
        var hostile = others.SelectMany((count, i) => Enumerable.Range(0, count).Select(number => Workload($"a{i}", number))).ToList();
        var late = Workload("z", 0);
        var running = new Dictionary<string, (Rollout Rollout, int Ends)>();
        var lastServed = new Dictionary<string, DateTimeOffset>();
        for (var cycle = 0; cycle < dueAt + 100; cycle++)
        {
            foreach (var ended in running.Where(one => one.Value.Ends <= cycle).Select(one => one.Key).ToList())
                running.Remove(ended);

            var now = Given.Now.AddMinutes(cycle);
            var input = Due([.. hostile.Where(workload => !running.ContainsKey(workload.Uid)), .. cycle >= dueAt ? new[] { late } : []]) with
            {
                Now = now,
                LastServed = lastServed,
                Running = running.ToDictionary(one => one.Key, one => one.Value.Rollout),
                Options = new() { Holds = new() { MaxRollouts = slots, MaxRolloutsPerNamespace = perNamespace } },
            };
            foreach (var restarted in Restarted(input))
            {
                if (restarted.Uid == late.Uid)
                    return cycle - dueAt;
                running[restarted.Uid] = (Given.Running(restarted.Key.Name, restarted.Key.Namespace) with { Uid = restarted.Uid }, cycle + cyclesOfARollout);
                lastServed[restarted.Key.Namespace] = now;
            }
        }

        return int.MaxValue;
    }

    private static WorkloadSnapshot Workload(string @namespace, int number) => Given.Workload($"w{number}", Given.Container("web", Image)) with
    {
        Key = new(@namespace, WorkloadKind.Deployment, $"w{number}"),
        Uid = $"uid-{@namespace}-w{number}",
    };

    private static PlanningInput Due(IReadOnlyList<WorkloadSnapshot> workloads) => Given.Input(workloads, [Given.Served(Image, "D2")]) with
    {
        Baselines = workloads.Select(workload => Given.Baseline("w", "web", Image, "D1") with { Id = new(workload.Uid, "web") }).ToDictionary(baseline => baseline.Id),
        ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [Given.Image(Image)] = Given.Now.AddHours(-1) },
    };

    private static PlanningOptions Slots(int slots) => new() { Holds = new() { MaxRollouts = slots } };

    private static List<WorkloadPlan> Restarted(PlanningInput input) => [.. Planner.Plan(input).Plan.Workloads.Where(workload => workload.Restart is not null)];
}
