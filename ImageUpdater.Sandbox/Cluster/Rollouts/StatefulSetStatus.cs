using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

internal static class StatefulSetStatus
{
    public static void Write(WorkloadState state, JsonObject set, int generation, Revision update, IReadOnlyList<StoredObject> pods, Readiness readiness)
    {
        JsonObject spec = set["spec"]!.AsObject();
        int replicas = spec.Number("replicas") ?? 1;
        List<StoredObject> alive = [.. pods.Where(pod => !pod.Deleting)];
        int updated = alive.Count(pod => StatefulSetRollout.IsOf(pod, state, update));
        int ready = alive.Count(Readiness.IsReady);

        bool rolling = spec.Text("updateStrategy", "type") != "OnDelete";
        if (rolling && updated == replicas && pods.Count == replicas && ready == replicas) state.Current = update;
        int partition = rolling ? StatefulSetRollout.Partition(spec) : replicas;
        bool complete = updated >= replicas - partition && pods.Count == replicas && ready == replicas;
        if (complete) state.Running = null;

        int current = alive.Count(pod => StatefulSetRollout.IsOf(pod, state, state.Current!));
        JsonObject status = set.Ensure("status");
        status["observedGeneration"] = generation;
        status["replicas"] = pods.Count;
        status["availableReplicas"] = alive.Count(readiness.IsAvailable);
        status["collisionCount"] = 0;
        status["currentRevision"] = $"{state.Item.Name}-{state.Current!.Hash}";
        status["updateRevision"] = $"{state.Item.Name}-{update.Hash}";
        Count(status, "readyReplicas", ready);
        Count(status, "currentReplicas", current);
        Count(status, "updatedReplicas", updated);
    }

    private static void Count(JsonObject status, string key, int count)
    {
        if (count == 0) status.Remove(key);
        else status[key] = count;
    }
}
