using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>Availability: ready for as long as minReadySeconds asks.</summary>
internal sealed record Readiness(DateTimeOffset Now, int MinReadySeconds)
{
    public static bool IsReady(StoredObject pod) => pod is { Deleting: false, ReadySince: not null };

    public bool IsAvailable(StoredObject pod) => IsReady(pod) && pod.ReadySince!.Value.AddSeconds(MinReadySeconds) <= Now;
}
