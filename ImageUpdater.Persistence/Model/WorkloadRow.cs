using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>The key of a workload's uid, and the pace of a rollout that it waits for. Kubernetes never reuses uids, so the key never changes.</summary>
internal sealed class WorkloadRow
{
    public required string Uid { get; set; }

    public required string Namespace { get; set; }

    public required WorkloadKind Kind { get; set; }

    public required string Name { get; set; }

    public int PaceUpdated { get; set; }

    public int PaceAvailable { get; set; }

    public TimeSpan PaceWithoutProgress { get; set; }

    /// <summary>Null where no container waits for its pods before it has a baseline.</summary>
    public DateTimeOffset? PaceAt { get; set; }

    public WorkloadKey Key => new(Namespace, Kind, Name);

    public static WorkloadRow Of(string uid, WorkloadKey key) =>
        new() { Uid = uid, Namespace = key.Namespace, Kind = key.Kind, Name = key.Name };

    public RolloutPace? ToPace() => PaceAt is { } at ? new RolloutPace(PaceUpdated, PaceAvailable, PaceWithoutProgress, at) : null;

    public void Save(RolloutPace? pace) =>
        (PaceUpdated, PaceAvailable, PaceWithoutProgress, PaceAt) = (pace?.Updated ?? 0, pace?.Available ?? 0, pace?.WithoutProgress ?? TimeSpan.Zero, pace?.At);
}
