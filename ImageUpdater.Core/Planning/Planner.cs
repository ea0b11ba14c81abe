using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>The plan, and the evidence that was missing. With needs left, fetch them and plan again: the plan can only get better.</summary>
public sealed record PlanningOutcome(RolloutPlan Plan, PlanningNeeds Needs);

/// <summary>Diffs what the registries serve against what was rolled out. Pure: no I/O, no clock, no log; a fixed order.</summary>
public static class Planner
{
    public static PlanningOutcome Plan(PlanningInput input)
    {
        var evidence = new Evidence(input);
        var workloads = new List<WorkloadPlan>(input.Workloads.Count);
        foreach (var workload in input.Workloads)
        {
            if (ContainerSelection.IsEnabled(workload.Annotations))
                workloads.Add(PlanWorkload(workload, input, evidence));
        }

        workloads.Sort(InOrder);
        var plan = new RolloutPlan
        {
            CreatedAt = input.Now,
            Scope = input.Scope,
            Workloads = workloads,
            Warnings = input.Warnings,
            ImageCount = input.Checks.Count,
            Images = input.Images,
        };
        return new PlanningOutcome(plan, evidence.Needs);
    }

    private static WorkloadPlan PlanWorkload(WorkloadSnapshot workload, PlanningInput input, Evidence evidence)
    {
        var selection = ContainerSelection.Of(workload);
        var lastDigest = LastDigestMap.Parse(workload.Annotations.GetValueOrDefault(Annotations.LastDigest));
        var rules = new ContainerRules(workload, lastDigest, input, evidence);

        var decisions = new List<ContainerDecision>(workload.Containers.Count + selection.TrackedInit.Count);
        foreach (var container in selection.Tracked)
            decisions.Add(rules.Decide(container, isInit: false, isFirstTracked: decisions.Count == 0));
        foreach (var container in selection.TrackedInit)
            decisions.Add(rules.Decide(container, isInit: true, isFirstTracked: decisions.Count == 0));

        var restart = decisions.Exists(decision => decision.Action == ContainerAction.Restart)
            ? RestartOf(workload, selection, decisions, rules, input.Options)
            : null;
        foreach (var container in selection.Untracked)
            decisions.Add(ContainerRules.NotTracked(container));

        return new WorkloadPlan
        {
            Key = workload.Key,
            Uid = workload.Uid,
            ResourceVersion = workload.ResourceVersion,
            Containers = decisions,
            Warnings = selection.Warnings.Count + lastDigest.Problems.Count == 0 ? [] : [.. selection.Warnings, .. lastDigest.Problems],
            Restart = restart,
            RemoveLegacyFinalizer = workload.HasLegacyFinalizer,
            IsSelf = workload.Key == input.Options.Self,
        };
    }

    private static RestartChange RestartOf(
        WorkloadSnapshot workload, ContainerSelection selection, List<ContainerDecision> decisions, ContainerRules rules, PlanningOptions options)
    {
        var map = new List<KeyValuePair<string, Digest>>(decisions.Count);
        for (var i = 0; i < decisions.Count; i++)
        {
            if (rules.DigestAfterRestart(decisions[i], isFirstTracked: i == 0) is { } digest)
                map.Add(new(decisions[i].Container, digest));
        }

        return new RestartChange(LastDigestMap.Of(map).ToString(), options.PullPolicyAlways ? PullPolicyChanges(workload, selection) : []);
    }

    private static List<PullPolicyChange> PullPolicyChanges(WorkloadSnapshot workload, ContainerSelection selection) =>
    [
        .. workload.Containers.Where(Lacks).Select(container => new PullPolicyChange(container.Name, IsInit: false, container.PullPolicy)),
        .. selection.TrackedInit.Where(Lacks).Select(container => new PullPolicyChange(container.Name, IsInit: true, container.PullPolicy)),
    ];

    private static bool Lacks(ContainerSpec container) => container.PullPolicy != "Always";

    private static int InOrder(WorkloadPlan one, WorkloadPlan other) =>
        one.IsSelf != other.IsSelf ? one.IsSelf.CompareTo(other.IsSelf) : one.Key.CompareTo(other.Key);
}
