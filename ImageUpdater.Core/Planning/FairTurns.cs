using ImageUpdater.Core.Plans;

namespace ImageUpdater.Core.Planning;

/// <summary>
/// The order in which rollout slots are given to workloads: one for each namespace, the least recently served one first, then the second of each, and so
/// on. Within a namespace it is the order of the plan. So a namespace whose rollouts never succeed can't keep the others waiting, however it is named.
/// </summary>
/// <remarks>ImageUpdater's own workload is always last.</remarks>
public static class FairTurns
{
    /// <param name="workloads">In the order of the plan.</param>
    /// <param name="lastServed">The start of the last rollout in each namespace; a namespace without one comes first.</param>
    /// <returns>Indexes of the workloads.</returns>
    public static IReadOnlyList<int> Order(IReadOnlyList<WorkloadPlan> workloads, IReadOnlyDictionary<string, DateTimeOffset>? lastServed)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var turns = new List<(int Index, bool IsSelf, int Round, DateTimeOffset Served, string Namespace)>(workloads.Count);
        for (var i = 0; i < workloads.Count; i++)
        {
            var @namespace = workloads[i].Key.Namespace;
            counts[@namespace] = counts.GetValueOrDefault(@namespace) + 1;
            DateTimeOffset? served = lastServed?.TryGetValue(@namespace, out var at) == true ? at : null;
            turns.Add((i, workloads[i].IsSelf, counts[@namespace], served ?? DateTimeOffset.MinValue, @namespace));
        }

        return
        [
            .. turns.OrderBy(turn => turn.IsSelf).ThenBy(turn => turn.Round).ThenBy(turn => turn.Served)
                .ThenBy(turn => turn.Namespace, StringComparer.Ordinal).Select(turn => turn.Index),
        ];
    }
}
