using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>The plan and the inputs that were missing for it. While inputs are missing, fetch them and plan again.</summary>
public sealed record PlanningOutcome(RolloutPlan Plan, MissingInputs MissingInputs);

/// <summary>Compares what the registries serve with the baselines. Pure: no I/O, no clock, no log; the output order is fixed.</summary>
public static class Planner
{
    public static PlanningOutcome Plan(PlanningInput input)
    {
        var resolved = new ResolvedInputs(input);
        var holds = new WorkloadHolds(input, new Quarantine(input.Quarantined, input.Options.Holds.Quarantine, input.VerifiedIn));
        var workloads = new List<WorkloadPlan>(input.Workloads.Count);
        foreach (var workload in input.Workloads)
        {
            if (ContainerSelection.IsEnabled(workload.Annotations))
                workloads.Add(PlanWorkload(workload, input, resolved, holds));
        }

        workloads.Sort(RolloutPlan.InOrder);
        var limits = new RolloutLimits(input);
        limits.Decide(workloads);

        var plan = new RolloutPlan
        {
            CreatedAt = input.Now,
            Scope = input.Scope,
            Workloads = workloads,
            Warnings = [.. input.Warnings, .. input.NotEnabled?.Warnings ?? []],
            NotEnabled = input.NotEnabled?.Count,
            ImageCount = input.Checks.Keys.Select(read => read.Image).Distinct().Count(),
            Images = input.Images,
            Limits = new PlanLimits(input.Options.Holds.MaxRollouts, input.Options.Holds.MaxRolloutsPerNamespace),
        };
        return new PlanningOutcome(plan, resolved.MissingInputs with { LastRestarts = holds.NeedsLastRestarts, Observations = holds.NeededObservations, Verified = holds.NeededVerified, LastServed = limits.NeedsLastServed });
    }

    private static WorkloadPlan PlanWorkload(WorkloadSnapshot workload, PlanningInput input, ResolvedInputs resolved, WorkloadHolds holds)
    {
        var selection = ContainerSelection.Of(workload);
        var lastDigest = LastDigestMap.Parse(workload.Annotations.GetValueOrDefault(Annotations.LastDigest));
        var rules = new ContainerRules(workload, lastDigest, input, resolved);

        var settings = holds.Settings(workload);
        var decided = new List<ContainerDecision>(selection.Tracked.Count + selection.TrackedInit.Count);
        foreach (var container in selection.Tracked)
            decided.Add(rules.Decide(container, isInit: false, isFirstTracked: decided.Count == 0));
        foreach (var container in selection.TrackedInit)
            decided.Add(rules.Decide(container, isInit: true, isFirstTracked: decided.Count == 0));

        var pullPolicies = new PullPolicyOverride(workload, settings, input);
        var decisions = holds.Decide(workload, settings, decided);
        return new WorkloadPlan
        {
            Key = workload.Key,
            Uid = workload.Uid,
            ResourceVersion = workload.ResourceVersion,
            TemplateFingerprint = workload.TemplateFingerprint,
            Containers = selection.Untracked.Count == 0 ? decisions : [.. decisions, .. selection.Untracked.Select(ContainerRules.NotTracked)],
            Warnings = [.. selection.Warnings, .. lastDigest.Problems, .. settings.Problems, .. Preflight.Of(workload, selection, pullPolicies)],
            Restart = decisions.Any(decision => decision.Action == ContainerAction.Restart) ? RestartOf(workload, selection, decisions, rules, pullPolicies) : null,
            RemoveLegacyFinalizer = workload.HasLegacyFinalizer,
            IsSelf = workload.Key == input.Options.Self,
        };
    }

    private static RestartChange RestartOf(
        WorkloadSnapshot workload, ContainerSelection selection, IReadOnlyList<ContainerDecision> decisions, ContainerRules rules, PullPolicyOverride pullPolicies)
    {
        var map = new List<KeyValuePair<string, Digest>>(decisions.Count);
        for (var i = 0; i < decisions.Count; i++)
        {
            if (rules.DigestAfterRestart(decisions[i], isFirstTracked: i == 0) is { } digest)
                map.Add(new(decisions[i].Container, digest));
        }

        return new RestartChange(LastDigestMap.Of(map).ToString(), pullPolicies.Changes(selection))
        {
            Images = [.. from decision in decisions where decision.ImageAfter is not null select new ImageChange(decision.Container, decision.IsInit, decision.ImageText, decision.ImageAfter!)],
            PinnedDigest = PinsAfter(workload, selection, decisions),
        };
    }

    // Pins that someone else has replaced are also dropped.
    private static string? PinsAfter(WorkloadSnapshot workload, ContainerSelection selection, IReadOnlyList<ContainerDecision> decisions)
    {
        var before = workload.Annotations.GetValueOrDefault(Annotations.PinnedDigest);
        if (before is null && !decisions.Any(decision => decision.Reason == DecisionReason.PinPrevious))
            return null;

        var pins = TagPins.Of(workload);
        var after = new List<KeyValuePair<string, Digest>>();
        foreach (var decision in decisions)
        {
            var container = selection.Tracked.Concat(selection.TrackedInit).First(container => container.Name == decision.Container);
            if (decision.Reason == DecisionReason.PinPrevious)
                after.Add(new(decision.Container, decision.To!));
            else if (decision.ImageAfter is null && pins.IsOurs(container))
                after.Add(new(decision.Container, container.Image.Value!.Digest!));
        }

        var text = LastDigestMap.Of(after).ToString();
        return text == (before ?? "") ? null : text;
    }
}
