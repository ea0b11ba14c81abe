using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Tracking;

/// <summary>Pods that Kubernetes does not replace by itself after a change of the template: they run what they ran before.</summary>
public static class PodReplacement
{
    /// <returns>How many pods wait, and for what, in one message; null if none does, or the status is not up to date.</returns>
    public static string? Waiting(WorkloadSnapshot workload)
    {
        var status = workload.Status;
        var waiting = status.Desired - status.Updated;
        if (waiting <= 0 || status.ObservedGeneration < status.Generation)
            return null;
        if (status.OnDelete)
            return $"{Pods(waiting, status)} to be deleted";
        // Deleting such a pod brings the old revision again.
        return status.Partition > 0 ? $"{Pods(Math.Min(waiting, status.Partition), status)} until the partition ({status.Partition}) is lowered" : null;
    }

    private static string Pods(int waiting, RolloutStatus status) => $"{waiting} of {status.Desired} pods {(waiting == 1 ? "waits" : "wait")}";
}
