using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>The key of a workload's uid. Kubernetes never reuses uids, so the key never changes.</summary>
internal sealed class WorkloadRow
{
    public required string Uid { get; set; }

    public required string Namespace { get; set; }

    public required WorkloadKind Kind { get; set; }

    public required string Name { get; set; }

    public WorkloadKey Key => new(Namespace, Kind, Name);

    public static WorkloadRow Of(string uid, WorkloadKey key) =>
        new() { Uid = uid, Namespace = key.Namespace, Kind = key.Kind, Name = key.Name };
}
