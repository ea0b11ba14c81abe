using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Objects;

/// <summary>A Kubernetes event for a workload, shown by <c>kubectl describe</c>.</summary>
/// <param name="Reason">UpperCamelCase, machine-readable.</param>
/// <param name="Action">UpperCamelCase, machine-readable.</param>
/// <param name="Note">The message, for people.</param>
/// <param name="ApiVersion">apiVersion of the workload.</param>
internal sealed record WorkloadEvent(
    WorkloadKey Workload, string Uid, WorkloadEventType Type, string Reason, string Action, string Note, DateTimeOffset At,
    string ApiVersion = "apps/v1");

internal enum WorkloadEventType
{
    Normal,
    Warning,
}
