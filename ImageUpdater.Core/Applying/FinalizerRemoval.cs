using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Applying;

/// <summary>Intent to remove the former operator's finalizer: stored before the patch is sent, until its result is known.</summary>
/// <param name="Patch">As it was sent last.</param>
public sealed record FinalizerRemoval(WorkloadKey Workload, string Uid, string Actor, string? PlanId, DateTimeOffset Since, string Patch);
