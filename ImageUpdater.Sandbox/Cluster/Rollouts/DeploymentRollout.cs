using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>One look at a Deployment: makes and deletes pods as its strategy allows at this moment.</summary>
internal sealed class DeploymentRollout(PodFactory factory)
{
    public void Step(WorkloadState state, JsonObject spec, Revision revision, IReadOnlyList<StoredObject> pods, Readiness readiness)
    {
        int desired = spec.Number("replicas") ?? 1;
        List<StoredObject> alive = [.. pods.Where(pod => !pod.Deleting)];
        List<StoredObject> current = [.. alive.Where(pod => IsOf(pod, revision))];
        List<StoredObject> old = [.. alive.Where(pod => !IsOf(pod, revision))];
        // Pausing stops a rollout where it is, but old pods go when they are not needed.
        if (old.Count > 0 && spec.Flag("paused") && current.Count(readiness.IsAvailable) < desired) return;
        bool recreate = spec.Text("strategy", "type") == "Recreate";

        int surge = recreate ? 0 : IntOrPercent.Resolve(spec.At("strategy", "rollingUpdate", "maxSurge"), desired, roundUp: true);
        int unavailable = recreate ? desired : IntOrPercent.Resolve(spec.At("strategy", "rollingUpdate", "maxUnavailable"), desired, roundUp: false);
        if (surge == 0 && unavailable == 0) unavailable = 1;

        // Recreate makes its first new pod when the last old one is gone, not when it began to go.
        bool blocked = recreate && pods.Any(pod => !IsOf(pod, revision));
        int missing = blocked ? 0 : Math.Min(desired - current.Count, desired + surge - alive.Count);
        for (var i = 0; i < missing; i++) factory.ForDeployment(state.Item, revision);

        int excess = Math.Max(0, current.Count - desired);
        foreach (StoredObject pod in current.OrderBy(Readiness.IsReady).Take(excess)) factory.Delete(pod);

        int spare = alive.Count(readiness.IsAvailable) - Math.Max(0, desired - unavailable);
        foreach (StoredObject pod in old.OrderBy(readiness.IsAvailable))
        {
            // Pods that are not available cost nothing; the others only as many as may be missed.
            if (readiness.IsAvailable(pod) && spare-- <= 0) break;
            factory.Delete(pod);
        }
    }

    public static bool IsOf(StoredObject pod, Revision revision) => pod.Labels.GetValueOrDefault("pod-template-hash") == revision.Hash;
}
