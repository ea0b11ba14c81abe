using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Applying;

/// <summary>The former operator's finalizer is being taken off a workload: stored before the patch is sent, until it is known what became of it.</summary>
/// <param name="Patch">As it was sent last.</param>
public sealed record FinalizerRemoval(WorkloadKey Workload, string Uid, string Actor, string? PlanId, DateTimeOffset Since, string Patch);
