using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>
/// Deletion in its two forms: at once, or by a deletionTimestamp that somebody acts upon: the owners of finalizers,
/// the node for a pod, the namespace controller for a namespace.
/// </summary>
internal sealed class ObjectDeleter(ObjectStore store, TimeProvider time)
{
    /// <summary>Holds a workload until its pods are gone.</summary>
    public const string ForegroundDeletion = "foregroundDeletion";

    public WriteResult Delete(ResourceKind kind, string ns, string name, JsonObject? options = null)
    {
        while (true)
        {
            if (store.Find(kind, ns, name) is not { } current) return ApiStatus.NotFound(kind, name);
            if (Precondition(current, options) is { } broken) return broken;

            JsonObject node = current.Read();
            int grace = Grace(kind, node, options);
            if (kind.IsWorkload && !current.Deleting && options.Text("propagationPolicy") == "Foreground") AddFinalizer(node, ForegroundDeletion);
            bool waits = node.At("metadata", "finalizers") is not null || kind == ResourceKinds.Namespaces || grace > 0;
            if (!waits)
            {
                if (store.Remove(current) is { } gone) return new WriteResult(gone, null) { Removed = true };
                continue;
            }

            if (current.Deleting) return current;
            Mark(kind, node, grace);
            if (store.Replace(current, node) is { } marked) return marked;
        }
    }

    private void Mark(ResourceKind kind, JsonObject node, int grace)
    {
        JsonObject metadata = node["metadata"]!.AsObject();
        metadata["deletionTimestamp"] = Rfc3339.Seconds(time.GetUtcNow().AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (kind.HasGeneration) metadata["generation"] = (metadata.Number("generation") ?? 0) + 1;
        if (kind == ResourceKinds.Namespaces) node.Ensure("status")["phase"] = "Terminating";
    }

    private static void AddFinalizer(JsonObject node, string finalizer)
    {
        JsonObject metadata = node["metadata"]!.AsObject();
        if (metadata["finalizers"] is JsonArray list) list.Add(finalizer);
        else metadata["finalizers"] = new JsonArray(finalizer);
    }

    private static int Grace(ResourceKind kind, JsonObject pod, JsonObject? options)
    {
        if (kind != ResourceKinds.Pods || pod.Text("spec", "nodeName") is not { Length: > 0 }) return 0;
        return options.Number("gracePeriodSeconds") ?? pod.Number("spec", "terminationGracePeriodSeconds") ?? 30;
    }

    private static ApiStatus? Precondition(StoredObject current, JsonObject? options)
    {
        if (options.Text("preconditions", "uid") is { } uid && uid != current.Uid)
        {
            string why = $"the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated";
            return ApiStatus.PreconditionFailed(current.Kind, current.Name, why);
        }

        if (options.Text("preconditions", "resourceVersion") is { } version && version != current.ResourceVersion.ToString())
        {
            string why = $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({current.ResourceVersion}). The object might have been modified";
            return ApiStatus.PreconditionFailed(current.Kind, current.Name, why);
        }

        return null;
    }
}
