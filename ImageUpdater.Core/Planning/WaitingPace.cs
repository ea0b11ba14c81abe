using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>How far the rollout has come that a container without a baseline waits for.</summary>
public static class WaitingPace
{
    /// <summary>As read now.</summary>
    public static RolloutPace Of(PlanningInput input, WorkloadSnapshot workload) =>
        (input.Paces.GetValueOrDefault(workload.Uid) ?? RolloutPace.StartingAt(input.Now)).Read(workload, input.Now, input.LongestGap);

    /// <summary>What has to be stored after a plan, by workload uid; null for a workload that waits no longer.</summary>
    public static IReadOnlyDictionary<string, RolloutPace?> Changes(RolloutPlan plan, PlanningInput input)
    {
        var changes = new Dictionary<string, RolloutPace?>(StringComparer.Ordinal);
        var waiting = plan.Workloads.Where(workload => workload.IsWaiting).Select(workload => workload.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var workload in input.Workloads)
        {
            var stored = input.Paces.GetValueOrDefault(workload.Uid);
            if (!waiting.Contains(workload.Uid))
            {
                if (stored is not null)
                    changes.Add(workload.Uid, value: null);
            }
            else if (Of(input, workload) is var pace && pace.IsWorthSaving(stored))
            {
                changes.Add(workload.Uid, pace);
            }
        }

        return changes;
    }
}
