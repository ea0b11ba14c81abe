using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>Writes the statuses of workloads. As in Kubernetes, counts with omitempty are left out if they are zero.</summary>
internal sealed class Statuses(ClusterTiming timing)
{
    /// <returns>Delay until a progress deadline expires; null if there is none.</returns>
    public TimeSpan? Write(JsonObject workload, ResourceKind kind, int generation, RolloutView view, WorkloadState state)
    {
        var status = workload.Ensure("status");
        status["observedGeneration"] = generation;
        if (kind == ResourceKind.DaemonSets)
        {
            status["desiredNumberScheduled"] = view.Desired;
            status["currentNumberScheduled"] = view.Alive.Count;
            status["numberMisscheduled"] = 0;
            status["numberReady"] = view.Ready;
            Count(status, "updatedNumberScheduled", view.Updated);
            Count(status, "numberAvailable", view.Ready);
            Count(status, "numberUnavailable", Math.Max(0, view.Desired - view.Ready));
            return null;
        }

        Count(status, "replicas", kind == ResourceKind.Deployments ? view.Alive.Count : view.Pods.Count);
        Count(status, "updatedReplicas", view.Updated);
        Count(status, "readyReplicas", view.Ready);
        Count(status, "availableReplicas", view.Ready);
        if (kind == ResourceKind.Deployments) return Deployment(workload, status, view, state);
        Count(status, "currentReplicas", view.Alive.Count(pod => state.Current?.Has(pod) == true));
        status["currentRevision"] = state.Current?.Name;
        status["updateRevision"] = state.Update?.Name;
        return null;
    }

    private TimeSpan? Deployment(JsonObject workload, JsonObject status, RolloutView view, WorkloadState state)
    {
        Count(status, "unavailableReplicas", Math.Max(view.Desired, view.Alive.Count) - view.Ready);
        status["terminatingReplicas"] = view.Pods.Count - view.Alive.Count;
        if (state.Number > 0) workload.Ensure("metadata").Ensure("annotations")["deployment.kubernetes.io/revision"] = state.Number.ToString();
        if (view.Ready >= view.Desired - (view.Desired / 4))
            Set(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
        else
            Set(status, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");

        // ProgressDeadlineExceeded is kept while the Deployment is paused.
        var reason = status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == "Progressing").Text("reason");
        if (view.Spec.Flag("paused"))
        {
            if (reason != "ProgressDeadlineExceeded") Set(status, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
            return null;
        }

        // After a complete rollout, a missing pod affects Available, not Progressing.
        if (view.Update is null || (!state.Running && reason == "NewReplicaSetAvailable")) return null;
        var set = $"ReplicaSet \"{view.Update.Owner.Name}\"";
        if (!state.Running || view.Complete)
        {
            Set(status, "Progressing", "True", "NewReplicaSetAvailable", $"{set} has successfully progressed.");
            return null;
        }

        var now = (view.Updated, view.Alive.Count, view.Ready);
        if (now != state.Progress) (state.Progress, state.ProgressAt) = (now, timing.Now);
        var left = state.ProgressAt + TimeSpan.FromSeconds(view.Spec.Number("progressDeadlineSeconds") ?? 600) - timing.Now;
        if (left > TimeSpan.Zero) Set(status, "Progressing", "True", "ReplicaSetUpdated", $"{set} is progressing.");
        else Set(status, "Progressing", "False", "ProgressDeadlineExceeded", $"{set} has timed out progressing.");
        return left > TimeSpan.Zero ? left : null;
    }

    /// <summary>Updates the times of a condition only if the condition changes.</summary>
    private void Set(JsonObject status, string type, string value, string reason, string message)
    {
        if (status["conditions"] is not JsonArray list) status["conditions"] = list = [];
        var there = list.OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == type);
        if (there.Text("status") == value && there.Text("reason") == reason && there.Text("message") == message) return;
        if (there is null) list.Add(there = new JsonObject { ["type"] = type });
        if (there.Text("status") != value) there["lastTransitionTime"] = timing.Timestamp;
        there["lastUpdateTime"] = timing.Timestamp;
        there["status"] = value;
        there["reason"] = reason;
        there["message"] = message;
    }

    private static void Count(JsonObject status, string key, int count)
    {
        if (count == 0) status.Remove(key);
        else status[key] = count;
    }
}
