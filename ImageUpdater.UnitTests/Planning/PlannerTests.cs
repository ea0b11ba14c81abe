using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

public sealed class PlannerTests
{
    private static readonly ImageCheck[] Checks =
    [
        Given.Served("r.io/app:1", "D2"),
        Given.Served("r.io/db:1", "D4"),
        Given.Failed("r.io/broken:1", RegistryFailureKind.Unauthorized, "answered 401"),
    ];

    [Fact]
    public void Plan_Several_OrdersByKeyWithTheOperatorLast()
    {
        var keys = new WorkloadKey[]
        {
            new("b", WorkloadKind.Deployment, "web"), new("a", WorkloadKind.Deployment, "image-updater"), new("a", WorkloadKind.DaemonSet, "agent"),
            new("a", WorkloadKind.StatefulSet, "db"), new("a", WorkloadKind.Deployment, "web"), new("a", WorkloadKind.Deployment, "api"),
        };
        var workloads = keys.Select(key => Given.Workload(key.Name, Given.Container("web", "r.io/app:1")) with { Key = key, Uid = key.ToString() });

        var plan = Planner.Plan(Given.Input(workloads, Checks) with { Options = new() { Self = keys[1] } }).Plan;

        Assert.Equal(
            ["a/deployment/api", "a/deployment/web", "a/statefulset/db", "a/daemonset/agent", "b/deployment/web", "a/deployment/image-updater"],
            plan.Workloads.Select(workload => workload.Key.ToString()));
        Assert.Equal([false, false, false, false, false, true], plan.Workloads.Select(workload => workload.IsSelf));
    }

    [Theory]
    [InlineData("true", 1)]
    [InlineData("false", 0)]
    [InlineData(null, 0)]
    public void Plan_EnabledAnnotation_DecidesWhetherItIsPlanned(string? enabled, int expected) => Assert.Equal(
        expected,
        Planner.Plan(Given.Input([Given.Workload("web", Given.Container("web", "r.io/app:1")).With(Annotations.Enabled, enabled)], Checks)).Plan.Workloads.Count);

    /// <summary>What a registry served to one namespace's credentials is not news for another.</summary>
    [Fact]
    public void Plan_ReadWithTheCredentialsOfANamespace_AnswersForItsWorkloadsOnly()
    {
        const string Image = "r.io/app:1";
        var workloads = ((string[])["a", "b", "c"]).Select(name =>
            Given.Workload(name, Given.Container("web", Image)).With(Annotations.MinAge, "1h") with { Key = new(name, WorkloadKind.Deployment, "web") }).ToList();
        var checks = new ImageCheck[]
        {
            Given.Served(Image, "D2") with { Reader = new Reader("a") },
            Given.Served(Image, "D1") with { Reader = new Reader("b") },
            Given.Failed(Image, RegistryFailureKind.Unauthorized, "answered 401"),
        };
        var input = Given.Input(workloads, checks, [.. workloads.Select(workload => Given.Baseline(workload.Key.Namespace, "web", Image, "D1"))]) with
        {
            ServedSince = checks.Take(2).ToDictionary(check => check.Observed, check => check.Reader.Namespace == "a" ? Given.Now.AddHours(-2) : Given.Now),
            Observations = new Dictionary<ObservedImage, IReadOnlyList<Observation>>(),
        };

        var plan = Planner.Plan(input).Plan;

        Assert.Equal([DecisionReason.DigestChanged, DecisionReason.UpToDate, DecisionReason.RegistryFailed], plan.Workloads.Select(workload => workload.Containers[0].Reason));
        Assert.Equal(1, plan.ImageCount);
        var needed = Planner.Plan(input with { Served = new Dictionary<ObservedImage, Core.Result<Manifest, RegistryFailure>>() }).MissingInputs.Served;
        Assert.Equal([new ObservedImage(Given.Image(Image).AtDigest(Given.Digest("D2")), new Reader("a"))], needed.Keys);
    }

    [Fact]
    public void Plan_NoWorkloads_IsEmpty()
    {
        var outcome = Planner.Plan(Given.Input([], []) with { Warnings = ["statefulsets may not be listed"], Scope = new(["team"], [WorkloadKind.Deployment]) });

        Assert.Empty(outcome.Plan.Workloads);
        Assert.Empty(outcome.Plan.Changes);
        Assert.False(outcome.MissingInputs.Any);
        Assert.Equal(new PlanCounts(0, 0, 0, 0, 0, 0), outcome.Plan.Counts);
        Assert.Equal(["statefulsets may not be listed"], outcome.Plan.Warnings);
        Assert.Equal(Given.Now, outcome.Plan.CreatedAt);
        Assert.Equal(["team"], outcome.Plan.Scope.Namespaces!);
    }

    // The last-digest annotation before and after a restart for web. The workload also has db, another container in a known state.
    [Theory]
    [InlineData("", "r.io/db:1", "r.io/db:1 D4", "db:{D4},web:{D2}")]
    [InlineData("web:{D1},db:{D4}", "r.io/db:1", "r.io/db:1 D4", "db:{D4},web:{D2}")]
    [InlineData("{D1}", "r.io/db:1", "r.io/db:1 D4", "db:{D4},web:{D2}")]
    [InlineData("web:{D1},gone:{D3}", "r.io/db:1", "r.io/db:1 D4", "db:{D4},web:{D2}")]
    [InlineData("rubbish", "r.io/db:1", "r.io/db:1 D4", "db:{D4},web:{D2}")]
    [InlineData("web:{D1}", "r.io/db:1", "", "db:{D4},web:{D2}")]
    [InlineData("web:{D1},db:{D3}", "r.io/db:1", "r.io/db:1 D3", "db:{D4},web:{D2}")]
    [InlineData("web:{D1},db:{D3}", "r.io/broken:1", "r.io/broken:1 D3", "db:{D3},web:{D2}")]
    [InlineData("web:{D1},db:{D3}", "r.io/broken:1", "", "db:{D3},web:{D2}")]
    [InlineData("web:{D1}", "r.io/broken:1", "r.io/broken:1 D3", "db:{D3},web:{D2}")]
    [InlineData("web:{D1}", "r.io/broken:1", "", "web:{D2}")]
    [InlineData("web:{D1},db:{D3}", "r.io/unchecked:1", "r.io/unchecked:1 D3", "db:{D3},web:{D2}")]
    [InlineData("web:{D1},db:{D3}", "r.io/db@{D3}", "", "web:{D2}")]
    [InlineData("web:{D1},db:{D3}", "DB:1", "", "web:{D2}")]
    public void Plan_Restart_WritesTheMapOfAllTracked(string before, string dbImage, string dbBaseline, string after)
    {
        var workload = Given.Workload("web", Given.Container("web", "r.io/app:1"), Given.Container("db", dbImage)).With(Annotations.LastDigest, before);
        var stored = new List<Baseline> { Given.Baseline("web", "web", "r.io/app:1", "D1") };
        if (dbBaseline.Split(' ') is [var image, var digest])
            stored.Add(Given.Baseline("web", "db", image, digest));

        var plan = Assert.Single(Planner.Plan(Given.Input([workload], Checks, [.. stored])).Plan.Workloads);

        Assert.Equal(Given.Fill(after), plan.Restart!.LastDigest);
    }

    [Fact]
    public void Plan_OldBareFormOfASkippedContainer_IsRewrittenUnderItsName()
    {
        var workload = Given.Workload("web", Given.Container("first", "r.io/broken:1"), Given.Container("second", "r.io/app:1"))
            .With(Annotations.LastDigest, "{D3}");

        var plan = Assert.Single(Planner.Plan(Given.Input([workload], Checks, Given.Baseline("web", "second", "r.io/app:1", "D1"))).Plan.Workloads);

        Assert.Equal(Given.Fill("first:{D3},second:{D2}"), plan.Restart!.LastDigest);
    }

    [Fact]
    public void Plan_UntrackedContainers_AreReportedAndLeftOutOfTheMap()
    {
        var workload = Given.Workload("web", Given.Container("side", "r.io/db:1"), Given.Container("web", "r.io/app:1"))
            .With(Annotations.TrackContainers, "web").With(Annotations.LastDigest, "{D1}");

        var plan = Assert.Single(Planner.Plan(Given.Input([workload], Checks)).Plan.Workloads);

        Assert.Equal(["web Restart DigestChanged", "side NoOp NotTracked"], Decisions(plan));
        Assert.Equal(Given.Fill("web:{D2}"), plan.Restart!.LastDigest);
    }

    [Fact]
    public void Plan_InitContainers_AreTrackedOnRequestAfterTheOthers()
    {
        var workload = Given.Workload("web", Given.Container("web", "r.io/app:1")) with { InitContainers = [Given.Container("setup", "r.io/db:1")] };
        var stored = new[] { Given.Baseline("web", "web", "r.io/app:1", "D2"), Given.Baseline("web", "setup", "r.io/db:1", "D3") };

        var without = Assert.Single(Planner.Plan(Given.Input([workload], Checks, stored)).Plan.Workloads);
        var with = Assert.Single(Planner.Plan(Given.Input([workload.With(Annotations.TrackInitContainers, "true")], Checks, stored)).Plan.Workloads);

        Assert.Equal(["web NoOp UpToDate"], Decisions(without));
        Assert.Equal(["web NoOp UpToDate", "setup Restart DigestChanged"], Decisions(with));
        Assert.Equal([false, true], with.Containers.Select(container => container.IsInit));
        Assert.Equal(Given.Fill("setup:{D4},web:{D2}"), with.Restart!.LastDigest);
    }

    [Fact]
    public void Plan_OneContainerFails_ServesTheOthers()
    {
        var workload = Given.Workload("web", Given.Container("broken", "r.io/broken:1"), Given.Container("web", "r.io/app:1"), Given.Container("odd", "Odd:1"));

        var plan = Assert.Single(Planner.Plan(Given.Input([workload], Checks, Given.Baseline("web", "web", "r.io/app:1", "D1"))).Plan.Workloads);

        Assert.Equal(["broken Skip RegistryFailed", "web Restart DigestChanged", "odd Skip InvalidImage"], Decisions(plan));
        Assert.Equal(ContainerAction.Restart, plan.Action);
        Assert.True(plan.HasWork);
    }

    [Fact]
    public void Plan_TwoContainersChanged_AreOneRestart()
    {
        var workload = Given.Workload("web", Given.Container("web", "r.io/app:1"), Given.Container("db", "r.io/db:1"));

        var outcome = Planner.Plan(Given.Input(
            [workload], Checks, Given.Baseline("web", "web", "r.io/app:1", "D1"), Given.Baseline("web", "db", "r.io/db:1", "D3")));

        Assert.Equal(1, outcome.Plan.Counts.Restart);
        Assert.Equal(Given.Fill("db:{D4},web:{D2}"), Assert.Single(outcome.Plan.Changes).Restart!.LastDigest);
    }

    // The pull policies of web, of the untracked side, of the init container and of the one that is never pulled, and those that a restart changes.
    [Theory]
    [InlineData(true, "", "web side")]
    [InlineData(true, "init", "web side setup")]
    [InlineData(false, "init", "")]
    [InlineData(true, "always", "")]
    public void Plan_PullPolicyOverride_CoversTheTemplateAndTrackedInits(bool isOn, string flags, string expected)
    {
        var policy = flags == "always" ? "Always" : "IfNotPresent";
        var workload = Given.Workload(
            "web", Given.Container("web", "r.io/app:1", policy), Given.Container("side", "r.io/db@{D3}", policy == "Always" ? policy : null), Given.Container("local", "r.io/local:1", "Never")) with
        {
            InitContainers = [Given.Container("setup", "r.io/db:1", policy), Given.Container("loaded", "r.io/local:1", "Never")],
        };
        if (flags == "init")
            workload = workload.With(Annotations.TrackInitContainers, "true");

        var input = Given.Input([workload.With(Annotations.IgnoreContainers, "side")], Checks, Given.Baseline("web", "web", "r.io/app:1", "D1"));
        var restart = Assert.Single(Planner.Plan(input with { Options = new() { PullPolicyAlways = isOn } }).Plan.Workloads).Restart!;

        Assert.Equal(expected, string.Join(' ', restart.PullPolicies.Select(change => change.Container)));
        foreach (var change in restart.PullPolicies)
        {
            Assert.Equal(change.Container == "setup", change.IsInit);
            Assert.Equal(change.Container switch { "web" or "setup" => "IfNotPresent", _ => null }, change.Before);
        }
    }

    [Theory]
    [InlineData(true, null, "", "web")]
    [InlineData(true, "keep", "", "")]
    [InlineData(false, "always", "", "web")]
    [InlineData(true, null, "web", "")]
    [InlineData(false, "always", "web", "")]
    [InlineData(true, null, "other", "web")]
    public void Plan_PullPolicyOverride_IsSetOnceAndAsTheAnnotationSays(bool isOn, string? annotation, string setBefore, string expected)
    {
        var web = Given.Container("web", "r.io/app:1") with { PullPolicyManager = "helm" };
        var input = Given.Input([Given.Workload("web", web).With(Annotations.PullPolicy, annotation)], Checks, Given.Baseline("web", "web", "r.io/app:1", "D1")) with
        {
            Options = new() { PullPolicyAlways = isOn },
            PullPoliciesSet = new HashSet<ContainerId> { new("uid-web", setBefore) },
        };

        var plan = Assert.Single(Planner.Plan(input).Plan.Workloads);

        Assert.Equal(expected, string.Join(' ', plan.Restart!.PullPolicies.Select(change => change.Container)));
        Assert.Equal(
            setBefore == "web",
            plan.Warnings.Contains("the imagePullPolicy of web was set back to IfNotPresent by helm and is not overridden again; set imagePullPolicy: Always in the manifest, or a restart may use the image cached on the node"));
    }

    [Fact]
    public void Plan_InformerIsBehindOurPatch_SaysNothingOfThePolicyBefore()
    {
        var web = Given.Workload("web", Given.Container("web", "r.io/app:1"));
        var input = Given.Input([web], Checks, Given.Baseline("web", "web", "r.io/app:1", "D2")) with
        {
            Options = new() { PullPolicyAlways = true },
            PullPoliciesSet = new HashSet<ContainerId> { new("uid-web", "web") },
            Running = new Dictionary<string, Rollout> { ["uid-web"] = Persistence.Samples.Rollout("r1") with { RestartedAt = "2026-06-01T00:00:00Z" } },
        };
        Assert.Empty(Assert.Single(Planner.Plan(input).Plan.Workloads).Warnings);
        Assert.Single(Assert.Single(Planner.Plan(input with { Workloads = [web with { RestartedAt = "2026-06-01T00:00:00Z" }] }).Plan.Workloads).Warnings);
    }

    [Fact]
    public void Plan_OneContainerIsNeverPulled_PlansByTheOthers()
    {
        var workload = Given.Workload("web", Given.Container("local", "r.io/db:1", "Never"), Given.Container("web", "r.io/app:1"));
        var input = Given.Input([workload], Checks, Given.Baseline("web", "local", "r.io/db:1", "D1"), Given.Baseline("web", "web", "r.io/app:1", "D1"));

        var plan = Assert.Single(Planner.Plan(input with { Options = new() { PullPolicyAlways = true } }).Plan.Workloads);

        Assert.Equal(
            [("local", ContainerAction.NoOp, DecisionReason.NeverPulled), ("web", ContainerAction.Restart, DecisionReason.DigestChanged)],
            plan.Containers.Select(container => (container.Container, container.Action, container.Reason)));
        Assert.Equal("web", Assert.Single(plan.Restart!.PullPolicies).Container);
        Assert.Equal(Given.Fill("local:{D1},web:{D2}"), plan.Restart.LastDigest);
    }

    [Fact]
    public void Plan_NothingToRestart_ChangesNoPullPolicy() => Assert.Null(
        Assert.Single(Planner.Plan(Given.Input([Given.Workload("web", Given.Container("web", "r.io/app:1"))], Checks) with
        {
            Options = new() { PullPolicyAlways = true },
        }).Plan.Workloads).Restart);

    [Theory]
    [InlineData("D2")]
    [InlineData("D1")]
    public void Plan_LegacyFinalizer_IsRemovedWhateverElseHappens(string baseline)
    {
        var workload = Given.Workload("web", Given.Container("web", "r.io/app:1")) with { HasLegacyFinalizer = true, Deleting = true };

        var plan = Planner.Plan(Given.Input([workload], Checks, Given.Baseline("web", "web", "r.io/app:1", baseline))).Plan;

        var change = Assert.Single(plan.Changes);
        Assert.True(change.RemoveLegacyFinalizer);
        Assert.Null(change.Restart);
    }

    [Fact]
    public void Plan_WarningsOfAWorkload_NameSelectionAndLastDigest()
    {
        var workload = Given.Workload("web", Given.Container("web", "r.io/app:1", "Always")).With(Annotations.TrackContainers, "web,x").With(Annotations.LastDigest, "rubbish");

        Assert.Equal(
            [
                "track-containers names 'x', which is not a container of the pod template",
                "invalid last-digest entry 'rubbish'; expected name:digest",
            ],
            Assert.Single(Planner.Plan(Given.Input([workload], Checks)).Plan.Workloads).Warnings);
    }

    [Fact]
    public void Plan_Counts_AreWorkloadsByTheirMostImportantAction()
    {
        WorkloadSnapshot[] workloads =
        [
            Given.Workload("changed", Given.Container("a", "r.io/app:1"), Given.Container("b", "r.io/broken:1")),
            Given.Workload("held", Given.Container("a", "r.io/app:1"), Given.Container("b", "r.io/broken:1")) with { Paused = true },
            Given.Workload("skipped", Given.Container("a", "r.io/broken:1"), Given.Container("b", "r.io/app:1")),
            Given.Workload("new", Given.Container("a", "r.io/app:1"), Given.Container("b", "r.io/db:1")),
            Given.Workload("none") with { Containers = [] },
        ];
        var stored = new[]
        {
            Given.Baseline("changed", "a", "r.io/app:1", "D1"), Given.Baseline("held", "a", "r.io/app:1", "D1"), Given.Baseline("skipped", "b", "r.io/app:1", "D2"),
        };

        var plan = Planner.Plan(Given.Input(workloads, Checks, stored)).Plan;

        Assert.Equal(new PlanCounts(Restart: 1, Queued: 0, Adopted: 2, Held: 1, Skipped: 1, Unchanged: 2), plan.Counts);
        Assert.Equal(3, plan.ImageCount);
    }

    [Fact]
    public void Plan_Recreated_StartsWithoutAPast()
    {
        var recreated = Given.Workload("web", Given.Container("web", "r.io/app:1")) with { Uid = "uid-of-another" };

        var plan = Assert.Single(Planner.Plan(Given.Input([recreated], Checks, Given.Baseline("web", "web", "r.io/app:1", "D1"))).Plan.Workloads);

        Assert.Equal(["web NoOp FirstSeen"], Decisions(plan));
    }

    // Pods are requested once per workload, however many containers changed, and only if they could verify something.
    [Fact]
    public void Plan_Needs_ShrinkToNothingAsTheyAreMet()
    {
        var workload = Given.Workload("web", Given.Container("a", "r.io/app:2"), Given.Container("b", "r.io/app:2"));
        var input = Given.Input(
            [workload], [Given.Served("r.io/app:2", "I3")], Given.Baseline("web", "a", "r.io/app:2", "I1"), Given.Baseline("web", "b", "r.io/app:2", "I2")) with
        {
            Pods = new Dictionary<string, IReadOnlyList<PodSnapshot>>(),
            Manifests = new Dictionary<Digest, Core.Result<Manifest, RegistryFailure>>(),
            Served = new Dictionary<ObservedImage, Core.Result<Manifest, RegistryFailure>>(),
        };
        ObservedImage served = input.Checks.Keys.Single().Image.AtDigest(Given.Digest("I3"));

        var first = Planner.Plan(input);
        var second = Planner.Plan(input with { Pods = new Dictionary<string, IReadOnlyList<PodSnapshot>> { [workload.Uid] = [] }, Manifests = Given.Manifests, Served = new Dictionary<ObservedImage, Core.Result<Manifest, RegistryFailure>> { [served] = Given.Manifests[Given.Digest("I3")] } });

        Assert.Equal(["uid-web"], first.MissingInputs.PodsOfWorkloads);
        Assert.Equal(["I1", "I2"], first.MissingInputs.Manifests.Keys.Select(Given.Name).Order(StringComparer.Ordinal));
        Assert.Equal([served], first.MissingInputs.Served.Keys);
        Assert.Null(Assert.Single(first.Plan.Workloads).Restart);
        Assert.False(second.MissingInputs.Any);
        Assert.NotNull(Assert.Single(second.Plan.Workloads).Restart);
    }

    // The previous digest exists in two repositories: the one that is queried must not depend on the order of the workloads.
    [Fact]
    public void Plan_NeedsOfTwoRepositories_DoNotHangOnTheOrder()
    {
        WorkloadSnapshot[] workloads = [Given.Workload("a", Given.Container("c", "r.io/two:1")), Given.Workload("b", Given.Container("c", "r.io/one:1"))];
        var checks = new[] { Given.Served("r.io/one:1", "D2"), Given.Served("r.io/two:1", "D2") };
        var stored = new[] { Given.Baseline("a", "c", "r.io/two:1", "unread"), Given.Baseline("b", "c", "r.io/one:1", "unread") };

        foreach (var order in new[] { workloads, [.. workloads.Reverse()] })
            Assert.Equal("r.io/one:1", Assert.Single(Planner.Plan(Given.Input(order, checks, stored)).MissingInputs.Manifests).Value.ToString());
    }

    private static IEnumerable<string> Decisions(WorkloadPlan plan) =>
        plan.Containers.Select(container => $"{container.Container} {container.Action} {container.Reason}");
}
