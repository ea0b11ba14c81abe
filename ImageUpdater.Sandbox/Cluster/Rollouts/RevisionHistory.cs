using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Cluster.Writing;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>
/// Keeps every revision of a workload as the controllers do: as a ReplicaSet of a Deployment, which has the Deployment's annotations as long as it is
/// the current one, and as a ControllerRevision of the other kinds, with the annotations from when it was made. They control nothing here.
/// </summary>
internal sealed class RevisionHistory(ObjectStore store, ObjectWriter writer)
{
    private const string Manager = "kube-controller-manager";

    public void Record(StoredObject workload, Revision revision)
    {
        var key = workload.Key;
        var isDeployment = key.Kind == ResourceKind.Deployments;
        var annotations = workload.Read().Object("metadata", "annotations");
        var own = new ObjectKey(isDeployment ? ResourceKind.ReplicaSets : ResourceKind.ControllerRevisions, key.Namespace, $"{key.Name}-{revision.Hash}");
        if (store.Find(own) is null)
        {
            writer.Create(own.Kind, own.Namespace, Manager, Of(workload, revision, annotations, isDeployment, own.Name));
        }
        else if (isDeployment)
        {
            writer.Update(own, WriteScope.Everything, Manager, node =>
            {
                node.Ensure("metadata")["annotations"] = annotations?.DeepClone();
                return new Edit(node);
            });
        }
    }

    /// <summary>The garbage collector's work, for a workload that was deleted.</summary>
    public void Forget(ObjectKey workload)
    {
        foreach (var kind in (ReadOnlySpan<ResourceKind>)[ResourceKind.ReplicaSets, ResourceKind.ControllerRevisions])
        {
            foreach (var revision in store.List(kind, stored => stored.Key.Namespace == workload.Namespace).Objects)
            {
                if (revision.Read().Items("metadata", "ownerReferences").Any(owner => owner.Text("kind") == workload.Kind.Kind && owner.Text("name") == workload.Name)) writer.Delete(revision.Key);
            }
        }
    }

    private static JsonObject Of(StoredObject workload, Revision revision, JsonObject? annotations, bool isDeployment, string name)
    {
        var labels = revision.Template.Object("metadata", "labels")?.Copy() ?? [];
        labels[revision.Label] = revision.Name;
        var owner = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = workload.Key.Kind.Kind, ["name"] = workload.Key.Name, ["uid"] = workload.Uid, ["controller"] = true };
        var spec = new JsonObject { ["template"] = revision.Template.Copy() };
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels, ["annotations"] = annotations?.DeepClone(), ["ownerReferences"] = new JsonArray(owner) },
            [isDeployment ? "spec" : "data"] = isDeployment ? spec : new JsonObject { ["spec"] = spec },
        };
    }
}
