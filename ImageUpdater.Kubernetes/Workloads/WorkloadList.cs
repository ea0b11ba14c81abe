using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <param name="Version">The resourceVersion of the list: a watch goes on from here.</param>
internal sealed record WorkloadList(IReadOnlyList<WorkloadSnapshot> Workloads, string Version);

/// <summary>What a watch tells.</summary>
/// <param name="Version">How far the watch has come with it.</param>
/// <param name="Uid">Null for a bookmark, which tells nothing else.</param>
/// <param name="Workload">Null when it is gone, or not enabled any more.</param>
internal sealed record WorkloadChange(string Version, string? Uid, WorkloadSnapshot? Workload);
