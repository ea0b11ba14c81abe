using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

internal static class DaemonSetStatus
{
    public static void Write(
        WorkloadState state, JsonObject set, int generation, Revision revision, List<StoredObject> nodes, IReadOnlyList<StoredObject> pods, Readiness readiness)
    {
        var wanted = nodes.Select(node => node.Name).ToHashSet();
        List<StoredObject> alive = [.. pods.Where(pod => !pod.Deleting && wanted.Contains(pod.NodeName))];
        int updated = alive.Count(pod => DaemonSetRollout.IsOf(pod, revision));
        int available = alive.Count(readiness.IsAvailable);

        JsonObject status = set.Ensure("status");
        status["observedGeneration"] = generation;
        status["desiredNumberScheduled"] = nodes.Count;
        status["currentNumberScheduled"] = alive.Count;
        status["numberMisscheduled"] = pods.Count(pod => !wanted.Contains(pod.NodeName));
        status["numberReady"] = alive.Count(Readiness.IsReady);
        Count(status, "updatedNumberScheduled", updated);
        Count(status, "numberAvailable", available);
        Count(status, "numberUnavailable", Math.Max(0, nodes.Count - available));

        bool onDelete = set.Text("spec", "updateStrategy", "type") == "OnDelete";
        if ((onDelete || updated == nodes.Count) && available == nodes.Count && state.Running is not null)
        {
            state.Running = null;
            state.Current = revision;
        }
    }

    private static void Count(JsonObject status, string key, int count)
    {
        if (count == 0) status.Remove(key);
        else status[key] = count;
    }
}
