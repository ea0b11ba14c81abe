using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Nodes;
using ImageUpdater.Sandbox.Cluster.Objects;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>Makes and deletes the pods of workloads, as the ReplicaSet, StatefulSet and DaemonSet controllers do.</summary>
internal sealed class PodFactory(ObjectWriter writer, ObjectDeleter deleter, Scheduler scheduler)
{
    private long count;

    public void ForDeployment(WorkItem workload, Revision revision)
    {
        string set = $"{workload.Name}-{revision.Hash}";
        JsonObject pod = FromTemplate(revision, "ReplicaSet", set, revision.OwnerUid);
        pod.Ensure("metadata").Ensure("labels")["pod-template-hash"] = revision.Hash;
        Create(workload, pod, Suffixed(set), node: null);
    }

    public void ForStatefulSet(WorkItem workload, Revision revision, int ordinal)
    {
        var name = $"{workload.Name}-{ordinal}";
        JsonObject pod = FromTemplate(revision, "StatefulSet", workload.Name, workload.Uid);
        JsonObject labels = pod.Ensure("metadata").Ensure("labels");
        labels["apps.kubernetes.io/pod-index"] = ordinal.ToString();
        labels["controller-revision-hash"] = $"{workload.Name}-{revision.Hash}";
        labels["statefulset.kubernetes.io/pod-name"] = name;
        pod.Ensure("spec")["hostname"] = name;
        Create(workload, pod, name, node: null);
    }

    public void ForDaemonSet(WorkItem workload, Revision revision, string node)
    {
        JsonObject pod = FromTemplate(revision, "DaemonSet", workload.Name, workload.Uid);
        JsonObject labels = pod.Ensure("metadata").Ensure("labels");
        labels["controller-revision-hash"] = revision.Hash;
        labels["pod-template-generation"] = revision.Number.ToString();
        Create(workload, pod, Suffixed(workload.Name), node);
    }

    public void Delete(StoredObject pod) => deleter.Delete(ResourceKinds.Pods, pod.Namespace, pod.Name);

    private string Suffixed(string prefix) => $"{prefix}-{SafeText.Encode(Interlocked.Increment(ref count))}";

    private static JsonObject FromTemplate(Revision revision, string kind, string name, string uid)
    {
        var pod = (JsonObject)revision.Template.DeepClone();
        JsonObject metadata = pod.Ensure("metadata");
        metadata.Remove("name");
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = kind,
            ["name"] = name,
            ["uid"] = uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        return pod;
    }

    private void Create(WorkItem workload, JsonObject pod, string name, string? node)
    {
        JsonObject spec = pod.Ensure("spec");
        pod.Ensure("metadata")["name"] = name;
        pod.Ensure("metadata")["generateName"] = name[..(name.LastIndexOf('-') + 1)];
        if ((node ?? scheduler.Choose(spec)) is { } chosen) spec["nodeName"] = chosen;
        pod["status"] = new JsonObject
        {
            ["phase"] = "Pending",
            ["qosClass"] = "BestEffort",
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "PodScheduled", ["status"] = spec["nodeName"] is null ? "False" : "True" }),
        };
        // A pod that cannot be made, in a namespace that is going away for instance, is tried again at the next change.
        writer.Create(ResourceKinds.Pods, workload.Namespace, pod);
    }
}
