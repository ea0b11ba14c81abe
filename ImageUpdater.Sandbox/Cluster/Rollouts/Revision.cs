using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>One pod template of a workload, and the label and owner that identify its pods.</summary>
internal sealed record Revision(ObjectKey Workload, string WorkloadUid, string Hash, JsonObject Template)
{
    /// <summary>The name in statuses and labels.</summary>
    public string Name => Workload.Kind == ResourceKind.StatefulSets ? $"{Workload.Name}-{Hash}" : Hash;

    public string Label => LabelOf(Workload.Kind);

    /// <summary>A Deployment's pods are owned by a ReplicaSet, which the sandbox keeps as a record only: <see cref="RevisionHistory"/>.</summary>
    public (string Kind, string Name, string Uid) Owner => Workload.Kind == ResourceKind.Deployments
        ? ("ReplicaSet", $"{Workload.Name}-{Hash}", ReplicaSetUid(WorkloadUid, Hash))
        : (Workload.Kind.Kind, Workload.Name, WorkloadUid);

    public bool Has(StoredObject pod) => pod.Labels.GetValueOrDefault(Label) == Name;

    /// <summary>Whether a pod belongs to this workload, and not to an earlier one with the same name.</summary>
    public static bool Owns(StoredObject workload, StoredObject pod) =>
        pod.OwnerUid == (workload.Key.Kind == ResourceKind.Deployments
            ? ReplicaSetUid(workload.Uid, pod.Labels.GetValueOrDefault(LabelOf(workload.Key.Kind), ""))
            : workload.Uid);

    private static string LabelOf(ResourceKind kind) => kind == ResourceKind.Deployments ? "pod-template-hash" : "controller-revision-hash";

    private static string ReplicaSetUid(string deploymentUid, string hash) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{deploymentUid}/{hash}")).AsSpan(0, 16)).ToString();
}
