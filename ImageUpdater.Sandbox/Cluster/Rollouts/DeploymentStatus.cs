using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>The status of a Deployment. As in the real one, numbers that are zero are left out.</summary>
internal sealed class DeploymentStatus(TimeProvider time)
{
    /// <summary>Answers when to look again because the progress deadline ends; null when it does not matter.</summary>
    public TimeSpan? Write(WorkloadState state, JsonObject deployment, int generation, Revision? revision, IReadOnlyList<StoredObject> pods, Readiness readiness)
    {
        JsonObject spec = deployment["spec"]!.AsObject();
        int desired = spec.Number("replicas") ?? 1;
        List<StoredObject> alive = [.. pods.Where(pod => !pod.Deleting)];
        int updated = revision is null ? 0 : alive.Count(pod => DeploymentRollout.IsOf(pod, revision));
        int available = alive.Count(readiness.IsAvailable);

        JsonObject status = deployment.Ensure("status");
        status["observedGeneration"] = generation;
        Count(status, "replicas", alive.Count);
        Count(status, "updatedReplicas", updated);
        Count(status, "readyReplicas", alive.Count(Readiness.IsReady));
        Count(status, "availableReplicas", available);
        status["terminatingReplicas"] = pods.Count - alive.Count;
        Count(status, "unavailableReplicas", Math.Max(desired, alive.Count) - available);

        var conditions = new Conditions(status, Rfc3339.Seconds(time.GetUtcNow()));
        int unavailable = IntOrPercent.Resolve(spec.At("strategy", "rollingUpdate", "maxUnavailable"), desired, roundUp: false);
        if (available >= desired - unavailable)
            conditions.Set("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
        else
            conditions.Set("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");

        if (spec.Flag("paused"))
        {
            // A rollout that ran out of time stays so.
            if (conditions.ReasonOf("Progressing") != "ProgressDeadlineExceeded")
                conditions.Set("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
            return null;
        }

        bool complete = updated == desired && alive.Count == desired && available == desired;
        return revision is null ? null : Progress(state, revision, spec, conditions, (updated, alive.Count, available), complete);
    }

    private TimeSpan? Progress(
        WorkloadState state, Revision revision, JsonObject spec, Conditions conditions, (int Updated, int Total, int Available) now, bool complete)
    {
        var set = $"ReplicaSet \"{state.Item.Name}-{revision.Hash}\"";
        if (complete)
        {
            conditions.Set("Progressing", "True", "NewReplicaSetAvailable", $"{set} has successfully progressed.");
            state.Running = null;
            state.Current = revision;
            return null;
        }

        // Once it was complete, a pod that is missing is a matter of availability, not of progress.
        if (state.Running is null && conditions.ReasonOf("Progressing") == "NewReplicaSetAvailable") return null;

        if (now != state.Progress)
        {
            state.Progress = now;
            state.ProgressAt = time.GetUtcNow();
        }

        var deadline = TimeSpan.FromSeconds(spec.Number("progressDeadlineSeconds") ?? 600);
        TimeSpan left = state.ProgressAt + deadline - time.GetUtcNow();
        if (left > TimeSpan.Zero) conditions.Set("Progressing", "True", "ReplicaSetUpdated", $"{set} is progressing.");
        else conditions.Set("Progressing", "False", "ProgressDeadlineExceeded", $"{set} has timed out progressing.");
        return left > TimeSpan.Zero ? left : null;
    }

    private static void Count(JsonObject status, string key, int count)
    {
        if (count == 0) status.Remove(key);
        else status[key] = count;
    }
}
