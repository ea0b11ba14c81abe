using ImageUpdater.Core.Plans;

namespace ImageUpdater.Core.Planning;

/// <summary>
/// Limits the rollouts at the same time in the cluster and in each namespace, in <see cref="FairTurns"/>: a new digest of an image that many
/// workloads share must not restart them all at once. Pinning to the previous digest is never queued, but uses a slot.
/// </summary>
internal sealed class RolloutLimits
{
    private readonly PlanningInput input;
    private readonly HoldOptions options;
    private readonly Dictionary<string, int> perNamespace;
    private readonly bool hadFreeSlots;
    private int total;
    private bool othersWait;
    private bool isFull;

    public RolloutLimits(PlanningInput input)
    {
        this.input = input;
        options = input.Options.Holds;
        perNamespace = input.Running.Values.Where(options.UsesSlot).CountBy(rollout => rollout.Workload.Namespace).ToDictionary(StringComparer.Ordinal);
        total = perNamespace.Values.Sum();
        hadFreeSlots = total < options.MaxRollouts;
    }

    /// <summary>There were fewer slots than restarts, and whose turn it was is not known.</summary>
    public bool NeedsLastServed => input.LastServed is null && hadFreeSlots && isFull;

    /// <param name="workloads">In the order of the plan, which they keep.</param>
    public void Decide(List<WorkloadPlan> workloads)
    {
        var due = Enumerable.Range(0, workloads.Count).Where(i => workloads[i].Restart is not null).ToList();
        foreach (var turn in FairTurns.Order([.. due.Select(i => workloads[i])], input.LastServed))
            workloads[due[turn]] = Decide(workloads[due[turn]]);
    }

    private WorkloadPlan Decide(WorkloadPlan workload)
    {
        var inNamespace = perNamespace.GetValueOrDefault(workload.Key.Namespace);
        if (!workload.Containers.Any(container => container.Reason == DecisionReason.PinPrevious) && Hold(workload, inNamespace) is { } hold)
        {
            othersWait = true;
            return workload with
            {
                Restart = null,
                Containers = [.. workload.Containers.Select(container => container.Action == ContainerAction.Restart ? WorkloadHolds.Held(container, [hold]) : container)],
            };
        }

        total++;
        perNamespace[workload.Key.Namespace] = inNamespace + 1;
        return workload;
    }

    private Hold? Hold(WorkloadPlan workload, int inNamespace)
    {
        if (workload.IsSelf)
            return total > 0 || othersWait ? Queued("ImageUpdater's own workload is restarted last, when no other rollout is running") : null;
        if (total < options.MaxRollouts)
            return inNamespace >= options.MaxRolloutsPerNamespace ? Queued($"{options.MaxRolloutsPerNamespace} of {options.MaxRolloutsPerNamespace} rollout slots of the namespace are in use") : null;

        isFull = true;
        return Queued($"{options.MaxRollouts} of {options.MaxRollouts} rollout slots are in use");
    }

    private static Hold Queued(string explanation) => new(DecisionReason.RolloutLimit, explanation);
}
