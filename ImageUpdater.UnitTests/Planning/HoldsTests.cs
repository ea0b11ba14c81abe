using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>A workload "web" whose image changed from D1 to D2: the holds of its restart, and when they end.</summary>
public sealed class HoldsTests
{
    private const string Image = "r.io/app:1";

    [Theory]
    // Now is Monday, 12:00 UTC. D2 has been served since 11:00, and the last restart was on Friday.
    [InlineData("window", "Mon 11:00-12:01", "", "")]
    [InlineData("window", "Mon 12:00-12:01", "", "")]
    [InlineData("window", "Mon 12:01-12:02", "OutsideWindow", "2026-05-04 12:01:00Z")]
    [InlineData("window", "Sat 02:00-04:00 Europe/Berlin", "OutsideWindow", "2026-05-09 00:00:00Z")]
    [InlineData("window", "whenever", "InvalidAnnotation", "")]
    [InlineData("cooldown", "3d12h", "", "")]
    [InlineData("cooldown", "3d13h", "Cooldown", "2026-05-04 13:00:00Z")]
    [InlineData("cooldown", "soon", "InvalidAnnotation", "")]
    [InlineData("min-age", "1h", "", "")]
    [InlineData("min-age", "2h", "MinAge", "2026-05-04 13:00:00Z")]
    [InlineData("min-age", "a day", "InvalidAnnotation", "")]
    [InlineData("approval", "none", "", "")]
    [InlineData("approval", "required", "ApprovalRequired", "")]
    [InlineData("approval", "yes", "InvalidAnnotation", "")]
    [InlineData("approved-digest", "latest", "InvalidAnnotation", "")]
    [InlineData("rollout-timeout", "soon", "InvalidAnnotation", "")]
    [InlineData("rollout-timeout", "0", "InvalidAnnotation", "")]
    [InlineData("rollout-timeout", "1h30m", "", "")]
    [InlineData("on-failure", "explode", "InvalidAnnotation", "")]
    [InlineData("on-failure", "pin-previous", "", "")]
    [InlineData("pull-policy", "Always", "InvalidAnnotation", "")]
    [InlineData("pull-policy", "always", "", "")]
    [InlineData("track-init-containers", "false", "", "")]
    [InlineData("track-init-containers", "True", "InvalidAnnotation", "")]
    [InlineData("aproval", "required", "InvalidAnnotation", "")]
    [InlineData("Approval", "none", "InvalidAnnotation", "")]
    [InlineData("enabled", "true", "", "")]
    [InlineData("ignore-containers", "sidecar", "", "")]
    [InlineData("last-digest", "web:{D1}", "", "")]
    public void Plan_Annotation_Holds(string annotation, string value, string reason, string until)
    {
        var decision = Decide(Web().With(Annotations.Prefix + annotation, value));

        Assert.Equal(reason.Length == 0 ? "DigestChanged" : reason, decision.Reason.ToString());
        Assert.Equal(until, decision.HeldUntil is { } at ? $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : "");
        if (until.Length > 0)
            Assert.Contains(until, decision.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aproval", "required", "unknown annotation 'aproval'; did you mean 'approval'?")]
    [InlineData("mim-age", "1d", "unknown annotation 'mim-age'; did you mean 'min-age'?")]
    [InlineData("schedule", "nightly", "unknown annotation 'schedule'; valid annotations: enabled, track-containers, ")]
    public void Plan_UnknownAnnotation_SaysWhatWasMeant(string annotation, string value, string message)
    {
        var workload = Web().With(Annotations.Prefix + annotation, value);

        Assert.StartsWith(message, Decide(workload).Explanation, StringComparison.Ordinal);
        // Also while no restart is due.
        var plan = Planner.Plan(Given.Input([workload], [Given.Served(Image, "D1")], Given.Baseline("web", "web", Image, "D1"))).Plan;
        Assert.Contains(Assert.Single(plan.Workloads).Warnings, warning => warning.StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_ManyUnknownAnnotations_NamesAFew()
    {
        var workload = Web();
        for (var i = 0; i < 1000; i++)
            workload = workload.With($"{Annotations.Prefix}x{i}", "");

        Assert.EndsWith("; 995 more annotations are unknown or on the pod template", Decide(workload).Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("approval", "required", null, true)]
    [InlineData("approval", "required", "none", true)]
    [InlineData("approval", "none", "none", false)]
    [InlineData("last-digest", "web:{D1}", null, false)]
    [InlineData("enabled", "true", "true", false)]
    public void Plan_AnnotationOnThePodTemplate_HoldsUnlessTheWorkloadHasIt(string annotation, string below, string? above, bool holds)
    {
        var workload = Web().With(Annotations.Prefix + annotation, above ?? (annotation == "enabled" ? "true" : null)) with
        {
            TemplateAnnotations = new Dictionary<string, string> { [Annotations.Prefix + annotation] = Given.Fill(below) },
        };

        var decision = Decide(workload);

        Assert.Equal(holds ? DecisionReason.InvalidAnnotation : DecisionReason.DigestChanged, decision.Reason);
        if (holds)
            Assert.Equal($"the annotation {annotation} is on the pod template; set it in the metadata of the workload", decision.Explanation);
    }

    [Theory]
    [InlineData("{D2}", true)]
    [InlineData("{D1}, {D2}", true)]
    [InlineData("web:{D2}", true)]
    [InlineData("{D1}", false)]
    [InlineData("other:{D2}", false)]
    public void Plan_ApprovedDigest_MustNameThisOne(string approved, bool isApproved)
    {
        var decision = Decide(Web().With(Annotations.Approval, "required").With(Annotations.ApprovedDigest, approved));
        Assert.Equal(isApproved ? ContainerAction.Restart : ContainerAction.Hold, decision.Action);
    }

    [Fact]
    public void Plan_ApprovedByHand_Restarts()
    {
        var workload = Web().With(Annotations.Approval, "required");
        var approved = new HashSet<(ContainerId, Digest)> { (new("uid-web", "web"), Given.Digest("D2")) };
        Assert.Equal(ContainerAction.Restart, Decide(workload, input => input with { Approved = approved }).Action);
        Assert.Equal(ContainerAction.Hold, Decide(workload, input => input with { Approved = new HashSet<(ContainerId, Digest)> { (new("uid-web", "web"), Given.Digest("D3")) } }).Action);
    }

    [Fact]
    public void Plan_HeldForSeveral_ReportsAllAndTheLastEnd()
    {
        var decision = Decide(Web().With(Annotations.Window, "Mon 13:30-14:00").With(Annotations.MinAge, "2h").With(Annotations.Cooldown, "10d"));
        Assert.Equal([DecisionReason.MinAge, DecisionReason.Cooldown, DecisionReason.OutsideWindow], decision.Holds.Select(hold => hold.Reason));
        Assert.Equal(new DateTimeOffset(2026, 5, 11, 0, 0, 0, TimeSpan.Zero), decision.HeldUntil);
        Assert.All(decision.Holds, hold => Assert.Contains(hold.Explanation, decision.Explanation, StringComparison.Ordinal));
        Assert.Null(Decide(Web().With(Annotations.Approval, "required").With(Annotations.MinAge, "2h")).HeldUntil);
    }

    /// <summary>All holds at once. The workload's rollout of another digest failed, which a restart for the new digest of "else" would roll out again.</summary>
    [Fact]
    public void Plan_HeldForEverything_ReportsThemInTheOrderOfTheSpec()
    {
        var workload = Given.Workload("web", Given.Container("web", Image), Given.Container("else", "r.io/else:1"))
            .With(Annotations.Window, "Tue 01:00-02:00").With(Annotations.MinAge, "2h").With(Annotations.Cooldown, "10d").With(Annotations.Approval, "required").With(Annotations.OnFailure, "explode") with
        {
            Deleting = true,
            Paused = true,
            Status = Given.Rolling,
        };
        var input = Given.Input(
            [workload], [Given.Served(Image, "D2"), Given.Served("r.io/else:1", "D3")], Given.Baseline("web", "web", Image, "D2"), Given.Baseline("web", "else", "r.io/else:1", "D1")) with
        {
            LastRestarts = new Dictionary<string, DateTimeOffset>(),
            ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [Given.Image("r.io/else:1")] = Given.Now.AddMinutes(-1) },
            Observations = new Dictionary<ObservedImage, IReadOnlyList<Core.Observing.Observation>>
            {
                [Given.Image("r.io/else:1")] = [.. new[] { "D3", "D1", "D3", "D1", "D3" }.Select((digest, i) =>
                    new Core.Observing.Observation(Given.Image("r.io/else:1"), Given.Digest(digest), Given.OciManifest, Given.Now.AddMinutes(-1 - i)))],
            },
            Quarantined =
            [
                new(new("uid-web", "web"), workload.Key, Given.Image(Image), Given.Digest("D2"), Given.Digest("D1"), "r-1", "2026-05-04T09:00:00Z", Given.Now.AddHours(-3), "it failed"),
            ],
        };

        var held = Planner.Plan(input).Plan.Workloads.Single().Containers.Single(container => container.Container == "else").Holds.Select(hold => $"`{hold.Reason}`");

        // The rollout limit does not depend on the workload; Plan_ManyWorkloads_RestartsAsManyAsMayRollOut tests it.
        Assert.Equal(
            Markdown.Rows(Markdown.Section(Repository.Read("docs/spec.md"), "Holds")).Select(row => row[1]), held.Append($"`{DecisionReason.RolloutLimit}`"));
    }

    [Theory]
    [InlineData("window", "always")]
    [InlineData("cooldown", "0")]
    [InlineData("min-age", "0s")]
    [InlineData("approval", "none")]
    public void Plan_Options_HoldWhereNoAnnotationSaysElse(string annotation, string none)
    {
        var options = annotation switch
        {
            "window" => new HoldOptions { Window = WeeklyWindows.Parse("Tue 01:00-02:00").Value! },
            "cooldown" => new HoldOptions { Cooldown = TimeSpan.FromDays(30) },
            "min-age" => new HoldOptions { MinAge = TimeSpan.FromDays(30) },
            _ => new HoldOptions { ApprovalRequired = true },
        };
        PlanningInput With(PlanningInput input) => input with { Options = new() { Holds = options } };
        Assert.Equal(ContainerAction.Hold, Decide(Web(), With).Action);
        Assert.Equal(ContainerAction.Restart, Decide(Web().With(Annotations.Prefix + annotation, none), With).Action);
    }

    [Fact]
    public void Plan_NothingToRestart_HoldsNothingButWarns()
    {
        var workload = Web().With(Annotations.Cooldown, "soon").With(Annotations.Window, "Tue 01:00-02:00");
        var plan = Planner.Plan(Input([workload]) with { Checks = Checks("D1") }).Plan.Workloads.Single();
        Assert.Equal(DecisionReason.UpToDate, plan.Containers.Single().Reason);
        Assert.Contains(plan.Warnings, warning => warning.StartsWith("invalid cooldown 'soon'", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_Cooldown_CountsStoredRestartsToo()
    {
        var workload = Web().With(Annotations.Cooldown, "1h") with { RestartedAt = null };
        var input = Input([workload]);
        Assert.True(Planner.Plan(input with { LastRestarts = null }).MissingInputs.LastRestarts);
        Assert.False(Planner.Plan(input).MissingInputs.LastRestarts);

        Assert.Equal(ContainerAction.Restart, Decide(workload).Action);
        var decision = Decide(workload, before => before with { LastRestarts = new Dictionary<string, DateTimeOffset> { ["uid-web"] = Given.Now.AddMinutes(-59) } });
        Assert.Equal((DecisionReason.Cooldown, Given.Now.AddMinutes(1)), (decision.Reason, decision.HeldUntil));
    }

    [Theory]
    [InlineData("2026-05-04T11:59:00Z", true)]
    [InlineData("2026-05-04T13:59:00+02:00", true)]
    [InlineData("2099-01-01T00:00:00Z", true)]
    [InlineData("yesterday", false)]
    public void Plan_Cooldown_ReadsRestartsByHand(string restartedAt, bool holds) =>
        Assert.Equal(holds ? DecisionReason.Cooldown : DecisionReason.DigestChanged, Decide(Web().With(Annotations.Cooldown, "1h") with { RestartedAt = restartedAt }).Reason);

    /// <summary>A clock was a year ahead when the workload was restarted, by us or by hand. The wait has to end although every plan comes later.</summary>
    [Theory]
    [InlineData("2027-05-04T12:00:00Z", null, 60)]
    [InlineData("2027-05-04T12:00:00Z", "2027-05-04T12:00:00Z", 60)]
    [InlineData(null, "2027-05-04T12:00:00Z", 60)]
    // Since then it was restarted with the right time.
    [InlineData("2026-05-04T11:30:00Z", "2027-05-04T12:00:00Z", 30)]
    public void Plan_CooldownAfterARestartInTheFuture_CountsFromWhenItWasSeen(string? written, string? stored, int minutes)
    {
        var workload = Web().With(Annotations.Cooldown, "1h") with { RestartedAt = written };
        var last = new Dictionary<string, DateTimeOffset>();
        if (stored is not null)
            last["uid-web"] = DateTimeOffset.Parse(stored, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(minutes, MinutesHeld(Input([workload]) with { LastRestarts = last }));
        // The decision to hold it may be from the future, too.
        Assert.Equal(minutes, MinutesHeld(LastDecisions(Input([workload]) with { LastRestarts = last }, DecisionReason.Cooldown, Given.Now.AddDays(300))));
    }

    [Theory]
    [InlineData(DecisionReason.RolloutRunning)]
    [InlineData(DecisionReason.UpToDate)]
    public void Plan_RolloutSeenInTheFuture_IsWaitedForOnlySoLong(DecisionReason before) =>
        Assert.Equal(15, MinutesHeld(LastDecisions(Input([Web() with { Status = Given.Rolling }]), before, Given.Now.AddDays(300))));

    [Fact]
    public void Plan_ServedSinceTheFuture_IsHeldUntilTheNextCheckCorrectsIt()
    {
        var decision = Decide(Web().With(Annotations.MinAge, "2h"), input => input with
        {
            ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [Given.Image(Image)] = Given.Now.AddDays(300) },
        });
        Assert.Equal((DecisionReason.MinAge, null), (decision.Reason, decision.HeldUntil));
        Assert.EndsWith("is new; min-age 2h counts from the next check", decision.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_OneContainersDigestIsHeld_HoldsTheOthers()
    {
        var workload = Given.Workload("web", Given.Container("web", Image), Given.Container("side", "r.io/side:1")).With(Annotations.MinAge, "2h");
        var checks = new[] { Given.Served(Image, "D2"), Given.Served("r.io/side:1", "D3") };
        var input = Input([workload]) with
        {
            Checks = checks.ToDictionary(check => check.Observed),
            Served = Given.ServedBy(checks),
            Baselines = new[] { Given.Baseline("web", "web", Image, "D1"), Given.Baseline("web", "side", "r.io/side:1", "D1") }.ToDictionary(baseline => baseline.Id),
        };
        var plan = Planner.Plan(input with { ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [Given.Image(Image)] = Given.Now.AddDays(-1), [Given.Image("r.io/side:1")] = Given.Now } }).Plan.Workloads.Single();
        Assert.Null(plan.Restart);
        Assert.All(plan.Containers, container => Assert.Equal(DecisionReason.MinAge, container.Reason));
        Assert.StartsWith("a restart would also roll out side: ", plan.Containers.Single(container => container.Container == "web").Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_RolloutUnderWay_IsWaitedForOnlySoLong()
    {
        var rolling = Web() with { Status = Given.Rolling };
        Assert.Equal(Given.Now.AddMinutes(15), Decide(rolling).HeldUntil);
        Assert.Equal(Given.Now.AddHours(2), Decide(rolling.With(Annotations.RolloutTimeout, "2h")).HeldUntil);
        Assert.Equal(Given.Now.AddMinutes(61), Decide(rolling with { ProgressDeadline = TimeSpan.FromHours(1) }).HeldUntil);
        Assert.Equal(Given.Now.AddMinutes(5), Decide(rolling, input => LastDecisions(input, DecisionReason.RolloutRunning, Given.Now.AddMinutes(-10))).HeldUntil);
        Assert.Equal(DecisionReason.DigestChanged, Decide(rolling, input => LastDecisions(input, DecisionReason.RolloutRunning, Given.Now.AddMinutes(-15))).Reason);
        Assert.Equal(DecisionReason.RolloutRunning, Decide(rolling, input => LastDecisions(input, DecisionReason.UpToDate, Given.Now.AddDays(-1))).Reason);
    }

    [Theory]
    [InlineData(WorkloadKind.Deployment)]
    [InlineData(WorkloadKind.StatefulSet)]
    [InlineData(WorkloadKind.DaemonSet)]
    public void Plan_NotWell_IsNoRollout(WorkloadKind kind)
    {
        var crashing = Web() with { Key = new("default", kind, "web"), Status = Given.Rolled with { Ready = 0, Available = 0, CurrentRevision = "a", UpdateRevision = "a" } };
        Assert.Equal(DecisionReason.DigestChanged, Decide(crashing).Reason);
        Assert.Equal(DecisionReason.DigestChanged, Decide(Web() with { Status = Given.Rolling with { ProgressDeadlineExceeded = true } }).Reason);
    }

    [Fact]
    public void Plan_OwnRolloutRuns_IsHeldForIt()
    {
        var decision = Decide(Web(), input => input with { Running = Running("web", "default") });
        Assert.Equal(DecisionReason.RolloutRunning, decision.Reason);
        Assert.Null(decision.HeldUntil);
    }

    [Fact]
    public void Plan_ManyWorkloads_RestartsAsManyAsMayRollOut()
    {
        var workloads = Enumerable.Range(0, 20).Select(i => Given.Workload($"w{i:00}", Given.Container("web", Image)) with { Key = new($"ns{i % 5}", WorkloadKind.Deployment, $"w{i:00}") }).ToList();
        var input = Input(workloads) with { Baselines = workloads.Select(workload => Given.Baseline(workload.Key.Name, "web", Image, "D1")).ToDictionary(baseline => baseline.Id) };

        Assert.Equal(["ns0/w00", "ns1/w01", "ns2/w02", "ns3/w03", "ns4/w04"], Restarts(input));
        Assert.Equal(["ns0/w00", "ns0/w05", "ns1/w01", "ns1/w06"], Restarts(input with { Workloads = [.. workloads.Where(workload => string.CompareOrdinal(workload.Key.Namespace, "ns2") < 0)] }));
        Assert.Equal(15, Planner.Plan(input).Plan.Queued.Count());
        Assert.Equal(["ns1/w01", "ns2/w02", "ns3/w03"], Restarts(input with { Running = Running("w00", "ns0").Concat(Running("w05", "ns0")).ToDictionary() }));
        Assert.Equal(["ns0/w00", "ns1/w01", "ns2/w02", "ns3/w03", "ns4/w04"], Restarts(input with { Options = new() { Holds = new() { MaxRolloutsPerNamespace = 1 } } }));
        Assert.Empty(Restarts(input with { Options = new() { Holds = new() { MaxRollouts = 1 } }, Running = Running("else", "where") }));
    }

    [Fact]
    public void Plan_Self_ComesLastAndAlone()
    {
        var workloads = new[] { Web(), Given.Workload("operator", Given.Container("web", Image)) };
        var input = Input(workloads) with
        {
            Baselines = workloads.Select(workload => Given.Baseline(workload.Key.Name, "web", Image, "D1")).ToDictionary(baseline => baseline.Id),
            Options = new() { Self = workloads[1].Key },
        };
        Assert.Equal(["default/web"], Restarts(input));
        Assert.Equal(DecisionReason.RolloutLimit, Planner.Plan(input).Plan.Workloads[1].Containers.Single().Reason);
        Assert.Empty(Restarts(input with { Workloads = [workloads[1]], Running = Running("web", "default") }));
        Assert.Equal(["default/operator"], Restarts(input with { Workloads = [workloads[1]] }));
    }

    private static WorkloadSnapshot Web() => Given.Workload("web", Given.Container("web", Image));

    private static List<string> Restarts(PlanningInput input) =>
        [.. Planner.Plan(input).Plan.Workloads.Where(workload => workload.Restart is not null).Select(workload => $"{workload.Key.Namespace}/{workload.Key.Name}")];

    private static Dictionary<ObservedImage, ImageCheck> Checks(string digest) => new() { [Given.Image(Image)] = Given.Served(Image, digest) };

    private static PlanningInput Input(IReadOnlyList<WorkloadSnapshot> workloads) => Given.Input(workloads, [Given.Served(Image, "D2")], Given.Baseline("web", "web", Image, "D1")) with
    {
        ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [Given.Image(Image)] = Given.Now.AddHours(-1) },
        LastRestarts = new Dictionary<string, DateTimeOffset>(),
    };

    private static ContainerDecision Decide(WorkloadSnapshot workload, Func<PlanningInput, PlanningInput>? with = null)
    {
        var input = Input([workload]);
        return Planner.Plan(with?.Invoke(input) ?? input).Plan.Workloads.Single().Containers.Single();
    }

    /// <summary>Plans every five minutes until nothing is held any more. What is decided anew is recorded, at most once after the first time.</summary>
    private static int MinutesHeld(PlanningInput input)
    {
        for (var (minutes, recorded) = (0, 0); ; minutes += 5)
        {
            input = input with { Now = Given.Now.AddMinutes(minutes) };
            var plan = Planner.Plan(input).Plan;
            if (plan.Workloads.Single().Containers.Single().Action == ContainerAction.Restart)
                return minutes;

            var entry = Core.Auditing.DecisionJournal.Compare(input.LastDecisions, plan, "controller", planId: null);
            Assert.True((recorded += entry.Decisions.Count) <= 1 && minutes < 120, $"recorded {recorded} times after {minutes} minutes");
            input = input with { LastDecisions = input.LastDecisions.Where(last => entry.Decisions.All(decision => decision.Id != last.Key)).Select(last => last.Value).Concat(entry.Decisions).ToDictionary(decision => decision.Id) };
        }
    }

    private static PlanningInput LastDecisions(PlanningInput input, DecisionReason reason, DateTimeOffset since)
    {
        var id = new ContainerId("uid-web", "web");
        return input with
        {
            LastDecisions = new Dictionary<ContainerId, LastDecision>
            {
                [id] = new(id, Web().Key, Image, ContainerAction.Hold, reason, "", From: null, To: null, since),
            },
        };
    }

    private static Dictionary<string, Rollout> Running(string name, string @namespace) => new() { ["uid-" + name] = Given.Running(name, @namespace) };
}
