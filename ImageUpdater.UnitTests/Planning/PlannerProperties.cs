using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>Invariants of every plan, for random clusters, registries and stores.</summary>
public sealed class PlannerProperties
{
    private static readonly string[] Images = ["r.io/a:1", "r.io/a:2", "r.io/b:1", "c:latest", "r.io/a@{D1}", "Not An Image"];
    private static readonly string[] Digests = ["D1", "D2", "M1", "M3", "N1", "I1", "I2", "I3", "I4", "I5", "I6", "gone", "lateI", "unreadI", "unread"];
    private static readonly string[] Nodes = ["amd64", "arm64", "s390x"];

    [Fact]
    public void Plan_AppliedAndPlannedAgain_HasNothingToDo() => Check(input =>
    {
        // The operator's own workload is restarted alone, with a separate plan.
        var first = Planner.Plan(input).Plan;
        var after = Simulation.Applied(input, first);
        var plan = first.Queued.Any() ? Planner.Plan(after).Plan : first;
        var again = Planner.Plan(first.Queued.Any() ? Simulation.Applied(after, plan) : after).Plan;
        var restarted = first.Changes.Concat(plan.Changes).Where(workload => workload.Restart is not null).Select(workload => workload.Uid).ToHashSet();
        return again.Counts.Restart == 0
            && again.Workloads.All(workload => restarted.Contains(workload.Uid) || workload.Containers.All(decision => decision.Adopt is null));
    });

    [Fact]
    public void Plan_SameInputShuffled_IsTheSamePlan() => Check(input =>
    {
        var random = new System.Random(input.Workloads.Count + input.Baselines.Count);
        var outcome = Planner.Plan(input);
        var shuffled = Planner.Plan(input with
        {
            Workloads = Shuffled(input.Workloads),
            Checks = Shuffled(input.Checks.ToList()).ToDictionary(),
            Baselines = Shuffled(input.Baselines.ToList()).ToDictionary(),
            Pods = Shuffled(input.Pods.ToList()).ToDictionary(entry => entry.Key, entry => (IReadOnlyList<PodSnapshot>)Shuffled(entry.Value)),
            NodePlatforms = Shuffled(input.NodePlatforms),
        });
        return Text(outcome.Plan) == Text(shuffled.Plan)
            && outcome.MissingInputs.PodsOfWorkloads.SetEquals(shuffled.MissingInputs.PodsOfWorkloads)
            && outcome.MissingInputs.Manifests.OrderBy(need => need.Key).SequenceEqual(shuffled.MissingInputs.Manifests.OrderBy(need => need.Key));

        T[] Shuffled<T>(IReadOnlyList<T> items)
        {
            T[] copy = [.. items];
            random.Shuffle(copy);
            return copy;
        }
    });

    [Fact]
    public void Plan_EveryTrackedContainer_HasOneDecisionWithAReason() => Check(input =>
    {
        var plan = Planner.Plan(input).Plan;
        return plan.Workloads.Select(workload => workload.Uid).Order()
                .SequenceEqual(input.Workloads.Where(workload => ContainerSelection.IsEnabled(workload.Annotations)).Select(workload => workload.Uid).Order())
            && plan.Workloads.All(workload =>
            {
                var snapshot = input.Workloads.Single(one => one.Uid == workload.Uid);
                var selection = ContainerSelection.Of(snapshot);
                return workload.Containers.Select(decision => decision.Container).Order()
                        .SequenceEqual(selection.Tracked.Concat(selection.Untracked).Concat(selection.TrackedInit).Select(container => container.Name).Order())
                    && workload.Containers.All(decision => decision.Explanation.Length > 0);
            });
    });

    [Fact]
    public void Plan_Reasons_BelongToTheActionThatThePlanningPageSays()
    {
        var ofPage = Markdown.Rows(Markdown.Section(Repository.Read("docs/planning.md"), "Reasons"))
            .ToDictionary(row => Enum.Parse<DecisionReason>(row[0].Trim('`')), row => row[1] == "nothing" ? ContainerAction.NoOp : Enum.Parse<ContainerAction>(row[1], ignoreCase: true));

        Check(input => Planner.Plan(input).Plan.Workloads.SelectMany(workload => workload.Containers).All(decision => ofPage[decision.Reason] == decision.Action));
    }

    [Fact]
    public void Plan_Restart_IsSaidByADecisionAndOfNoHeldWorkload() => Check(input => Planner.Plan(input).Plan.Workloads.All(workload =>
    {
        var snapshot = input.Workloads.Single(one => one.Uid == workload.Uid);
        var map = LastDigestMap.Parse(workload.Restart?.LastDigest);
        return workload.Restart is not null == workload.Containers.Any(decision => decision.Action == ContainerAction.Restart)
            && (workload.Restart is null || !(snapshot.Paused || snapshot.Deleting))
            && workload.Containers.Where(decision => decision.Action == ContainerAction.Restart)
                .All(decision => decision.To is not null && decision.To != decision.From && map.For(decision.Container, isFirstTracked: false) == decision.To)
            && map.Problems.Count == 0;
    }));

    [Fact]
    public void Plan_AllChecksFailed_RestartsNothing() => Check(input =>
    {
        var failed = input.Checks.Keys.ToDictionary(read => read, read => (ImageCheck)new FailedCheck(read.Image, Given.Now, new(RegistryFailureKind.ServerError, "answered 500")));
        var plan = Planner.Plan(input with { Checks = failed }).Plan;
        var nothing = Planner.Plan(input with { Checks = new Dictionary<ObservedImage, ImageCheck>() }).Plan;
        return plan.Counts.Restart + nothing.Counts.Restart == 0
            && plan.Workloads.Concat(nothing.Workloads).SelectMany(workload => workload.Containers)
                .All(decision => decision.Adopt is null || decision.Reason == DecisionReason.Pinned);
    });

    [Fact]
    public void Plan_NothingChanged_NeedsNothing() => Check(input =>
    {
        var settled = Simulation.Applied(input, Planner.Plan(input).Plan);
        var again = Planner.Plan(settled with
        {
            Pods = new Dictionary<string, IReadOnlyList<PodSnapshot>>(),
            Manifests = new Dictionary<Digest, Core.Result<Manifest, RegistryFailure>>(),
        });
        var idle = again.Plan.Workloads.All(workload => workload.Containers.All(decision =>
            decision.Reason is DecisionReason.UpToDate or DecisionReason.Pinned or DecisionReason.NotTracked or DecisionReason.InvalidImage or DecisionReason.NotObserved));
        return !idle || !again.MissingInputs.Any;
    });

    [Fact]
    public void Plan_WithLimits_KeepsThemAndComesToTheSameEnd() => Check(input =>
    {
        const int Most = 7;
        var isKept = true;
        var staged = Settle(input with { Options = input.Options with { Holds = new() { MaxRollouts = Most, MaxRolloutsPerNamespace = Most } } }, plan =>
            isKept &= plan.Workloads.Count(workload => workload.Restart is not null) <= Most
                && !plan.Workloads.Any(workload => workload is { IsSelf: true, Restart: not null } && plan.Workloads.Any(other => !other.IsSelf && other.Containers.Any(container => container.IsDue))));
        return isKept && Baselines(staged).SequenceEqual(Baselines(Settle(input, _ => { })));

        static IEnumerable<(ContainerId Id, string Image, string Digest)> Baselines(PlanningInput settled) => settled.Baselines.Values
            .Select(baseline => (baseline.Id, baseline.Image.ToString(), baseline.Digest.Value)).OrderBy(baseline => baseline.Id.ToString(), StringComparer.Ordinal);
    });

    /// <summary>Plans, applies and rolls out completely, until there is nothing to do.</summary>
    private static PlanningInput Settle(PlanningInput input, Action<RolloutPlan> look)
    {
        while (true)
        {
            var plan = Planner.Plan(input).Plan;
            look(plan);
            if (!plan.Changes.Any(workload => workload.Restart is not null) && plan.Counts.Adopted == 0)
                return input;
            input = Simulation.Applied(input, plan);
        }
    }

    [Fact]
    public void Plan_AnyAnnotationsOfHolds_RestartNothingThatIsHeldOrMalformed() => Check(input =>
    {
        string[] texts = ["required", "none", "pin-previous", "1h", "0", "soon", "Mon 12:00-13:00", "Tue 12:00-13:00", "always", "", "\u202e", Given.Digest("D2").Value];
        var random = new Random(input.Workloads.Count);
        var workloads = input.Workloads.Select(workload => HoldAnnotations.Where(_ => random.Next(2) == 0)
            .Aggregate(workload, (annotated, key) => annotated.With(key, texts[random.Next(texts.Length)]))).ToList();
        var plan = Planner.Plan(input with { Workloads = workloads }).Plan;
        return plan.Workloads.All(workload => workload.Containers.All(decision =>
            (decision.Holds.Count > 0) == (decision.Action == ContainerAction.Hold)
            && (decision.Holds.Count == 0 || (decision.Holds[0].Reason == decision.Reason && decision.Explanation.Length > 0))
            && decision.Holds.All(hold => hold.Until is null || hold.Until > input.Now)
            && (decision.Action != ContainerAction.Restart || !workload.Warnings.Any(warning => warning.Contains("write ", StringComparison.Ordinal)))));
    });

    private static readonly HoldOptions Unlimited = new() { MaxRollouts = 1000, MaxRolloutsPerNamespace = 1000 };

    private static readonly string[] HoldAnnotations =
        [Annotations.Window, Annotations.Cooldown, Annotations.MinAge, Annotations.Approval, Annotations.ApprovedDigest, Annotations.OnFailure, Annotations.PinnedDigest];

    private static void Check(Func<PlanningInput, bool> property) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Arb.From(Worlds(), Smaller), world => property(Assemble(world))));

    private static string Text(RolloutPlan plan) => JsonSerializer.Serialize(plan);

    private static IEnumerable<World> Smaller(World world)
    {
        var fewer = world.Workloads.Select((_, left) => world with { Workloads = [.. world.Workloads.Where((_, i) => i != left)] });
        var emptier = world.Workloads.SelectMany((workload, i) => workload.Containers.Skip(1).Select(container => world with
        {
            Workloads = [.. world.Workloads.Select((one, j) => j == i ? workload with { Containers = [.. workload.Containers.Where(other => other != container)] } : one)],
        }));
        return fewer.Concat(emptier);
    }

    private static Gen<World> Worlds() =>
        from workloads in Workloads().ListOf()
        from served in Gen.Elements([.. Digests, "fails", "unchecked"]).ListOf(Images.Length)
        from nodes in Gen.Elements(Nodes).ListOf()
        from options in Options()
        select new World([.. workloads], [.. served], [.. nodes], options);

    private static Gen<PlanningOptions> Options() =>
        from restart in Gen.Frequency((3, Gen.Constant(FirstSeen.Adopt)), (1, Gen.Constant(FirstSeen.Restart)))
        from pull in ArbMap.Default.GeneratorFor<bool>()
        from self in Gen.Choose(-1, 3)
        select new PlanningOptions
        {
            FirstSeen = restart,
            PullPolicyAlways = pull,
            Self = self < 0 ? null : new("default", WorkloadKind.Deployment, $"w{self}"),
            Holds = Unlimited,
        };

    private static Gen<WorkloadDraft> Workloads() =>
        from kind in Gen.Elements(Enum.GetValues<WorkloadKind>())
        from containers in Containers().ListOf(3)
        from count in Gen.Choose(1, 3)
        from lastDigest in Gen.Frequency((6, Gen.Constant("map")), (1, Gen.Constant("bare")), (1, Gen.Constant("rubbish,web:,:")), (2, Gen.Constant("")))
        from track in Gen.Frequency((5, Gen.Constant("")), (1, Gen.Elements("c0", "c1,c0", "x", "c1,x")))
        from ignore in Gen.Frequency((5, Gen.Constant("")), (1, Gen.Elements("c0", "c0,c1,c2", "x")))
        from status in Gen.Elements(Given.Rolled, Given.Rolled, Given.Rolled, Given.Rolling, Given.Rolled with { OnDelete = true }, Given.Rolled with { Partition = 1 })
        from flags in Gen.Frequency((6, Gen.Constant("")), (1, Gen.Elements("paused", "deleting", "disabled", "finalizer")))
        from hasPods in ArbMap.Default.GeneratorFor<bool>()
        from init in ArbMap.Default.GeneratorFor<bool>()
        select new WorkloadDraft(kind, [.. containers.Take(count)], lastDigest, track, ignore, status, flags, hasPods, init);

    private static Gen<ContainerDraft> Containers() =>
        from image in Gen.Choose(0, Images.Length - 1)
        from baselineImage in Gen.Frequency((3, Gen.Constant(-1)), (6, Gen.Constant(-2)), (1, Gen.Choose(0, 4)))
        from baseline in Gen.Elements(Digests)
        from annotated in Gen.Elements([.. Digests, ""])
        from running in Gen.Elements([.. Digests, "", "bare"])
        select new ContainerDraft(image, baselineImage, baseline, annotated, running);

    private static PlanningInput Assemble(World world)
    {
        var workloads = new List<WorkloadSnapshot>();
        var baselines = new List<Baseline>();
        var pods = new Dictionary<string, IReadOnlyList<PodSnapshot>>();
        foreach (var (draft, number) in world.Workloads.Select((draft, number) => (draft, number)))
        {
            var name = $"w{number}";
            ContainerSpec[] containers = [.. draft.Containers.Select((container, i) => Given.Container($"c{i}", Images[container.Image]))];
            var workload = Given.Workload(name, containers) with
            {
                Key = new("default", draft.Kind, name),
                Status = draft.Status,
                Paused = draft.Flags == "paused",
                Deleting = draft.Flags == "deleting",
                HasLegacyFinalizer = draft.Flags == "finalizer",
                InitContainers = [Given.Container("i0", Images[draft.Containers[0].Image])],
            };
            workload = workload
                .With(Annotations.Enabled, draft.Flags == "disabled" ? null : "true")
                .With(Annotations.TrackContainers, draft.Track)
                .With(Annotations.IgnoreContainers, draft.Ignore)
                .With(Annotations.TrackInitContainers, draft.Init ? "true" : null)
                .With(Annotations.LastDigest, draft.LastDigest switch
                {
                    "map" => string.Join(',', draft.Containers.Select((container, i) => container.Annotated.Length == 0 ? "" : $"c{i}:{{{container.Annotated}}}")),
                    "bare" => "{D1}",
                    var text => text,
                });
            workloads.Add(workload);
            if (draft.HasPods)
                pods[workload.Uid] = [Given.Pod(workload, [.. draft.Containers.Select((container, i) => ($"c{i}", Report(containers[i], container.Running)))])];

            foreach (var (container, i) in draft.Containers.Select((container, i) => (container, i)))
            {
                var image = container.BaselineImage == -2 ? container.Image : container.BaselineImage;
                if (image is >= 0 and < 5)
                    baselines.Add(Given.Baseline(name, $"c{i}", Images[image], container.Baseline));
            }
        }

        var checks = Images.Take(4).Zip(world.Served).Where(pair => pair.Second != "unchecked").Select(pair => pair.Second == "fails"
            ? Given.Failed(pair.First, RegistryFailureKind.TimedOut, "did not answer in time")
            : Given.Served(pair.First, pair.Second));
        return Given.Input(workloads, checks, [.. baselines]) with
        {
            NodePlatforms = [.. world.Nodes.Select(node => new Platform("linux", node))],
            Pods = pods,
            Options = world.Options,
        };
    }

    private static string Report(ContainerSpec container, string running) => running switch
    {
        "" => "",
        "bare" => "{D1}",
        _ => container.Image.Value is { } image ? $"{image.Registry}/{image.Repository}@{{{running}}}" : "",
    };

    private sealed record World(List<WorkloadDraft> Workloads, List<string> Served, List<string> Nodes, PlanningOptions Options)
    {
        // Printed by FsCheck for a failing case.
        public override string ToString() =>
            $"{string.Join(", ", Images.Zip(Served))}\nnodes {string.Join(' ', Nodes)}\n{Options}\n{string.Join('\n', Workloads)}";
    }

    private sealed record WorkloadDraft(
        WorkloadKind Kind,
        List<ContainerDraft> Containers,
        string LastDigest,
        string Track,
        string Ignore,
        RolloutStatus Status,
        string Flags,
        bool HasPods,
        bool Init)
    {
        public override string ToString() =>
            $"{Kind} last-digest '{LastDigest}' track '{Track}' ignore '{Ignore}' {Flags} pods {HasPods} init {Init} {Status}\n  {string.Join("\n  ", Containers)}";
    }

    private sealed record ContainerDraft(int Image, int BaselineImage, string Baseline, string Annotated, string Running);
}
