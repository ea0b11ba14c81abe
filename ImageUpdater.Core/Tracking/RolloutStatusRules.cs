using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Tracking;

public enum RolloutProgress
{
    Running,
    Done,
    Failed,
}

/// <param name="Explanation">One message, as <c>kubectl rollout status</c> words it.</param>
public readonly record struct RolloutEvaluation(RolloutProgress State, string Explanation);

/// <summary>The rules of <c>kubectl rollout status</c> for the three kinds.</summary>
public static class RolloutStatusRules
{
    public static RolloutEvaluation Evaluate(WorkloadSnapshot workload)
    {
        var status = workload.Status;
        if (status.ObservedGeneration < status.Generation || status.ObservedGeneration == 0)
            return Running("the controller has not observed the change yet");

        return workload.Key.Kind switch
        {
            WorkloadKind.Deployment => Deployment(status),
            WorkloadKind.StatefulSet => StatefulSet(status),
            _ => DaemonSet(status),
        };
    }

    /// <summary>
    /// Whether pods are still being replaced. False for a workload whose pods are all new but not ready: a restart that may fix it must not
    /// wait for it.
    /// </summary>
    public static bool IsRolling(WorkloadSnapshot workload)
    {
        var status = workload.Status;
        if (status.ObservedGeneration < (status.TemplateGeneration ?? status.Generation))
            return true;
        if (status.OnDelete || status.ProgressDeadlineExceeded)
            return false;

        return workload.Key.Kind switch
        {
            WorkloadKind.Deployment => status.Updated < status.Desired || status.Total > status.Updated,
            WorkloadKind.StatefulSet => status.UpdateRevision != status.CurrentRevision && status.Updated < status.Desired - status.Partition,
            _ => status.Updated < status.Desired,
        };
    }

    private static RolloutEvaluation Deployment(RolloutStatus status)
    {
        if (status.ProgressDeadlineExceeded)
            return new(RolloutProgress.Failed, "the rollout exceeded its progress deadline");
        if (status.Updated < status.Desired)
            return Running($"{status.Updated} of {status.Desired} new replicas have been updated");
        if (status.Total > status.Updated)
            return Running($"{status.Total - status.Updated} old replicas are pending termination");
        if (status.Available < status.Updated)
            return Running($"{status.Available} of {status.Updated} updated replicas are available");
        return Done(status);
    }

    private static RolloutEvaluation DaemonSet(RolloutStatus status)
    {
        if (status.OnDelete)
            return Done("update strategy is OnDelete");
        if (status.Updated < status.Desired)
            return Running($"{status.Updated} of {status.Desired} new pods have been updated");
        if (status.Available < status.Desired)
            return Running($"{status.Available} of {status.Desired} updated pods are available");
        return Done(status);
    }

    private static RolloutEvaluation StatefulSet(RolloutStatus status)
    {
        if (status.OnDelete)
            return Done("update strategy is OnDelete");
        if (status.Desired == 0)
            return Done(status);
        if (status.Ready < status.Desired)
            return Running($"{status.Ready} of {status.Desired} pods are ready");
        if (status.Partition > 0)
        {
            var due = Math.Max(0, status.Desired - status.Partition);
            return status.Updated < due
                ? Running($"{status.Updated} of {due} new pods above the partition have been updated")
                // How many pods keep the old image is said with what they run (PodReplacement).
                : Done("update strategy has a partition");
        }

        return status.UpdateRevision != status.CurrentRevision
            ? Running($"{status.Updated} of {status.Desired} pods are at the new revision")
            : Done(status);
    }

    private static RolloutEvaluation Running(string explanation) => new(RolloutProgress.Running, explanation);

    private static RolloutEvaluation Done(RolloutStatus status) =>
        Done(status.Desired == 0 ? "rolled out; no replicas" : "rolled out");

    private static RolloutEvaluation Done(string explanation) => new(RolloutProgress.Done, explanation);
}
