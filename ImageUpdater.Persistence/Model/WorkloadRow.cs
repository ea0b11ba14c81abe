using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>Which workload a uid was given to: a uid never gets another name.</summary>
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
