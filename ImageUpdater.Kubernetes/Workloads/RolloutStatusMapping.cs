using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>Maps the status of the three kinds, which name the same numbers differently.</summary>
internal static class RolloutStatusMapping
{
    public static RolloutStatus ToStatus(WorkloadObject workload, WorkloadKind kind)
    {
        var strategy = workload.Spec?.UpdateStrategy;
        var common = new RolloutStatus
        {
            Generation = workload.Metadata?.Generation ?? 0,
            ObservedGeneration = workload.Status?.ObservedGeneration ?? 0,
            OnDelete = kind != WorkloadKind.Deployment && strategy?.Type == "OnDelete",
            Partition = kind == WorkloadKind.StatefulSet ? strategy?.RollingUpdate?.Partition ?? 0 : 0,
        };

        return kind == WorkloadKind.DaemonSet ? WithNodes(common, workload) : WithReplicas(common, workload);
    }

    private static RolloutStatus WithReplicas(RolloutStatus common, WorkloadObject workload) => common with
    {
        Desired = workload.Spec?.Replicas ?? 1,
        Total = workload.Status?.Replicas ?? 0,
        Updated = workload.Status?.UpdatedReplicas ?? 0,
        Ready = workload.Status?.ReadyReplicas ?? 0,
        Available = workload.Status?.AvailableReplicas ?? 0,
        CurrentRevision = workload.Status?.CurrentRevision,
        UpdateRevision = workload.Status?.UpdateRevision,
        ProgressDeadlineExceeded = workload.Status?.Conditions?
            .Any(condition => condition is { Type: "Progressing", Reason: "ProgressDeadlineExceeded" }) == true,
        ReplicaFailure = workload.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "ReplicaFailure", Status: "True" })?.Message is { Length: > 0 } message
            ? UntrustedText.BoundMiddle(message)
            : null,
    };

    private static RolloutStatus WithNodes(RolloutStatus common, WorkloadObject workload) => common with
    {
        Desired = workload.Status?.DesiredNumberScheduled ?? 0,
        Total = workload.Status?.CurrentNumberScheduled ?? 0,
        Updated = workload.Status?.UpdatedNumberScheduled ?? 0,
        Ready = workload.Status?.NumberReady ?? 0,
        Available = workload.Status?.NumberAvailable ?? 0,
    };
}
