using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>One look at a DaemonSet: one pod on each node that its nodeSelector lets it on.</summary>
internal sealed class DaemonSetRollout(PodFactory factory)
{
    public void Step(WorkloadState state, JsonObject spec, Revision revision, List<StoredObject> nodes, IReadOnlyList<StoredObject> pods, Readiness readiness)
    {
        ILookup<string, StoredObject> byNode = pods.ToLookup(pod => pod.NodeName);
        foreach (StoredObject node in nodes.Where(node => !byNode[node.Name].Any())) factory.ForDaemonSet(state.Item, revision, node.Name);

        var wanted = nodes.Select(node => node.Name).ToHashSet();
        foreach (StoredObject pod in pods.Where(pod => !pod.Deleting && !wanted.Contains(pod.NodeName))) factory.Delete(pod);

        if (spec.Text("updateStrategy", "type") == "OnDelete") return;
        int unavailable = IntOrPercent.Resolve(spec.At("updateStrategy", "rollingUpdate", "maxUnavailable"), nodes.Count, roundUp: true);
        int budget = Math.Max(1, unavailable) - nodes.Count(node => !byNode[node.Name].Any(readiness.IsAvailable));
        foreach (StoredObject pod in pods.Where(pod => !pod.Deleting && wanted.Contains(pod.NodeName) && !IsOf(pod, revision)))
        {
            // An old pod that is down anyway goes without being counted.
            if (readiness.IsAvailable(pod) && budget-- <= 0) continue;
            factory.Delete(pod);
        }
    }

    public static bool IsOf(StoredObject pod, Revision revision) => pod.Labels.GetValueOrDefault("controller-revision-hash") == revision.Hash;
}
