using ImageUpdater.Core.Plans;

namespace ImageUpdater.Core.Planning;

/// <summary>
/// Limits the rollouts at the same time in the cluster and in each namespace, in the order of the plan: a new digest of an image that many
/// workloads share must not restart them all at once. Pinning to the previous digest is never queued, but uses a slot.
/// </summary>
internal sealed class RolloutLimits(PlanningInput input)
{
    private readonly HoldOptions options = input.Options.Holds;
    private readonly Dictionary<string, int> perNamespace = input.Running.Values.CountBy(rollout => rollout.Workload.Namespace).ToDictionary(StringComparer.Ordinal);
    private int total = input.Running.Count;
    private bool othersWait;

    /// <param name="workload">In the order of the plan.</param>
    public WorkloadPlan Decide(WorkloadPlan workload)
    {
        if (workload.Restart is null)
            return workload;

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
        if (total >= options.MaxRollouts)
            return Queued($"{options.MaxRollouts} of {options.MaxRollouts} rollout slots are in use");
        return inNamespace >= options.MaxRolloutsPerNamespace ? Queued($"{options.MaxRolloutsPerNamespace} of {options.MaxRolloutsPerNamespace} rollout slots of the namespace are in use") : null;
    }

    private static Hold Queued(string explanation) => new(DecisionReason.RolloutLimit, explanation);
}
