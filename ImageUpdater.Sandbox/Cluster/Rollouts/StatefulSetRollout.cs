using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>One look at a StatefulSet: pods by ordinal, one at a time, updated from the last down to the partition.</summary>
internal sealed class StatefulSetRollout(PodFactory factory)
{
    public void Step(WorkloadState state, JsonObject spec, Revision update, IReadOnlyList<StoredObject> pods, Readiness readiness)
    {
        int replicas = spec.Number("replicas") ?? 1;
        bool ordered = spec.Text("podManagementPolicy") != "Parallel";
        Dictionary<int, StoredObject> byOrdinal = pods.ToDictionary(OrdinalOf);

        if (!Fill(state, spec, update, byOrdinal, replicas, ordered, readiness)) return;
        foreach (StoredObject pod in pods.Where(pod => OrdinalOf(pod) >= replicas).OrderByDescending(OrdinalOf))
        {
            if (!pod.Deleting) factory.Delete(pod);
            if (ordered) return;
        }

        if (spec.Text("updateStrategy", "type") == "OnDelete") return;
        for (int ordinal = replicas - 1; ordinal >= Partition(spec); ordinal--)
        {
            StoredObject? pod = byOrdinal.GetValueOrDefault(ordinal);
            if (pod is not null && !pod.Deleting && !IsOf(pod, state, update))
            {
                factory.Delete(pod);
                return;
            }

            // The next one goes when this one is up.
            if (pod is null || !readiness.IsAvailable(pod)) return;
        }
    }

    public static bool IsOf(StoredObject pod, WorkloadState state, Revision revision) =>
        pod.Labels.GetValueOrDefault("controller-revision-hash") == $"{state.Item.Name}-{revision.Hash}";

    public static int Partition(JsonObject spec) => spec.Number("updateStrategy", "rollingUpdate", "partition") ?? 0;

    /// <summary>Makes missing pods; false when an ordered set has to wait for one first.</summary>
    private bool Fill(
        WorkloadState state, JsonObject spec, Revision update, Dictionary<int, StoredObject> byOrdinal, int replicas, bool ordered, Readiness readiness)
    {
        bool rolling = spec.Text("updateStrategy", "type") != "OnDelete";
        for (var ordinal = 0; ordinal < replicas; ordinal++)
        {
            StoredObject? pod = byOrdinal.GetValueOrDefault(ordinal);
            if (pod is null)
            {
                Revision revision = rolling && ordinal < Partition(spec) ? state.Current ?? update : update;
                factory.ForStatefulSet(state.Item, revision, ordinal);
            }

            if (ordered && (pod is null || !readiness.IsAvailable(pod))) return false;
        }

        return true;
    }

    private static int OrdinalOf(StoredObject pod) => int.Parse(pod.Name[(pod.Name.LastIndexOf('-') + 1)..]);
}
