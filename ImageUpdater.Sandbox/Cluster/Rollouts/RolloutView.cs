using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>A workload and its pods at one moment. Pods that are ready count as available.</summary>
/// <param name="Nodes">All nodes, for a DaemonSet; else empty.</param>
internal sealed record RolloutView(JsonObject Spec, Revision? Update, IReadOnlyList<StoredObject> Pods, IReadOnlyList<string> Nodes)
{
    public ResourceKind? Kind => Update?.Workload.Kind;

    /// <summary>The desired number of pods.</summary>
    public int Desired => Kind == ResourceKind.DaemonSets ? Nodes.Count : Spec.Number("replicas") ?? 1;

    public IReadOnlyList<StoredObject> Alive { get; } = [.. Pods.Where(pod => !pod.Deleting)];

    public int Ready => Alive.Count(pod => pod.Ready);

    public int Updated => Alive.Count(IsUpdated);

    public bool Rolls => Spec.Text("updateStrategy", "type") != "OnDelete";

    public bool Complete => (Kind == ResourceKind.StatefulSets ? Pods : Alive).Count == Desired && Ready == Desired
        && (!Rolls || Updated >= Desired);

    public bool IsUpdated(StoredObject pod) => Update?.Has(pod) == true;
}
