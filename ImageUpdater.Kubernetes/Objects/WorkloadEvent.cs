using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Objects;

/// <summary>Something to show in <c>kubectl describe</c> of a workload.</summary>
/// <param name="ApiVersion">Of the workload.</param>
/// <param name="Reason">Why, in UpperCamelCase; machines read it.</param>
/// <param name="Action">What was done, in UpperCamelCase.</param>
internal sealed record WorkloadEvent(
    WorkloadKey Workload, string Uid, WorkloadEventType Type, string Reason, string Action, string Note, DateTimeOffset At,
    string ApiVersion = "apps/v1");

internal enum WorkloadEventType
{
    Normal,
    Warning,
}
