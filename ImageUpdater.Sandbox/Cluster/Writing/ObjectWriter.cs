using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Ownership;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Writing;

/// <summary>A tree to store, and the owners of its fields; if null, they are derived from the changes.</summary>
internal sealed record Edit(JsonObject Tree, ManagedFields? Owners = null);

internal enum WriteScope
{
    /// <summary>A client's write: a status in the body is ignored.</summary>
    Resource,

    /// <summary>A write by the sandbox's controllers, which own their fields under the status subresource.</summary>
    Everything,
}

/// <summary>
/// The rules of every write: system fields of metadata, defaults, validation, generation, field ownership.
/// Used by the API and the controllers.
/// </summary>
internal sealed class ObjectWriter(ObjectStore store, ClusterTiming timing)
{
    private static readonly string[] SystemFields =
        ["name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"];

    /// <summary>Creates an object, and its namespace if missing. Each namespace gets its default service account.</summary>
    /// <param name="owners">The owners of its fields; if null, the manager owns them all.</param>
    public Outcome<StoredObject> Create(ResourceKind kind, string ns, string manager, JsonObject node, ManagedFields? owners = null)
    {
        var metadata = node.Ensure("metadata");
        var key = new ObjectKey(kind, kind.Namespaced ? ns : "", metadata.Text("name") ?? "");
        foreach (var field in SystemFields[1..]) metadata.Remove(field);
        if (kind.Namespaced) metadata["namespace"] = ns;
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = timing.Timestamp;
        if (kind.HasGeneration) metadata["generation"] = 1;
        if (kind.IsWorkload) node["status"] = new JsonObject();
        Complete(kind, node);
        if (Validation.Check(kind, node) is { Count: > 0 } causes) return ApiStatus.Invalid(key, causes);

        TakeOwners(node);
        if (owners is null)
        {
            owners = ManagedFields.None(kind.ApiVersion);
            owners.Update(Defaults.Empty(), node, manager, subresource: null, timing.Timestamp);
        }

        if (owners.ToJson() is { } owned) metadata["managedFields"] = owned;
        lock (store.Gate)
        {
            if (store.Find(key) is not null) return ApiStatus.AlreadyExists(key);
            if (kind.Namespaced && store.Find(new ObjectKey(ResourceKind.Namespaces, "", ns)) is null) CreateNamed(ResourceKind.Namespaces, "", ns);
            var stored = store.Put(key, node);
            if (kind == ResourceKind.Namespaces) CreateNamed(ResourceKind.ServiceAccounts, key.Name, "default");
            return stored;
        }
    }

    /// <summary>Reads, edits and writes an object atomically.</summary>
    public Outcome<StoredObject> Update(ObjectKey key, WriteScope scope, string manager, Func<JsonObject, Outcome<Edit>> edit)
    {
        lock (store.Gate)
        {
            if (store.Find(key) is not { } current) return ApiStatus.NotFound(key);
            var edited = edit(current.Read());
            if (edited.Value is null) return edited.Failure!;
            if (Preconditions(current, edited.Value.Tree) is { } broken) return broken;

            var before = current.Read();
            var next = edited.Value.Tree;
            if (scope == WriteScope.Resource) KeepStatus(before, next);
            var live = TakeOwners(before);
            var requested = TakeOwners(next);
            foreach (var field in SystemFields) next.Ensure("metadata")[field] = before["metadata"]![field]?.DeepClone();
            Complete(key.Kind, next);
            if (Validation.Check(key.Kind, next) is { Count: > 0 } causes) return ApiStatus.Invalid(key, causes);

            var owners = edited.Value.Owners ?? ManagedFields.Of(key.Kind.ApiVersion, live, scope == WriteScope.Resource ? requested : null);
            if (edited.Value.Owners is null && !owners.IsEmpty) owners.Update(before, next, manager, scope == WriteScope.Resource ? null : "status", timing.Timestamp);
            var owned = owners.ToJson();
            if (JsonNode.DeepEquals(before, next) && JsonNode.DeepEquals(live, owned)) return current;

            if (IsNewGeneration(key.Kind, scope, before, next)) next["metadata"]!["generation"] = current.Generation + 1;
            if (owned is not null) next["metadata"]!["managedFields"] = owned;
            var held = !current.Deleting || key.Kind == ResourceKind.Pods || next.At("metadata", "finalizers") is not null;
            return held ? store.Put(key, next) : store.Remove(key, next);
        }
    }

    /// <summary>Server-side apply: creates the object, or merges the configuration into it.</summary>
    public Outcome<StoredObject> Apply(ObjectKey key, JsonObject config, string manager, bool force)
    {
        lock (store.Gate)
        {
            if (store.Find(key) is not null) return Update(key, WriteScope.Resource, manager, Merge);
            var owners = ManagedFields.None(key.Kind.ApiVersion);
            owners.Apply(Defaults.Empty(), config, manager, force, timing.Timestamp);
            return Create(key.Kind, key.Namespace, manager, config, owners);
        }

        Outcome<Edit> Merge(JsonObject live)
        {
            var owners = ManagedFields.Of(key.Kind.ApiVersion, TakeOwners(live), requested: null);
            if (owners.IsEmpty) owners.Update(Defaults.Empty(), live, "before-first-apply", subresource: null, timing.Timestamp);
            var merged = owners.Apply(live, config, manager, force, timing.Timestamp);
            return merged.Value is { } tree ? new Edit(tree, owners) : merged.Failure!;
        }
    }

    /// <summary>
    /// Removes the object and, for a namespace, everything in it. With finalizers, or for a pod on a node, only marks it as being deleted until
    /// the owner of the finalizer, or the node, is done.
    /// </summary>
    public Outcome<StoredObject> Delete(ObjectKey key, int? graceSeconds = null)
    {
        lock (store.Gate)
        {
            if (store.Find(key) is not { } current) return ApiStatus.NotFound(key);
            var node = current.Read();
            var runs = key.Kind == ResourceKind.Pods && current.NodeName is not null;
            var grace = runs ? graceSeconds ?? node.Number("spec", "terminationGracePeriodSeconds") ?? 30 : 0;
            if (node.At("metadata", "finalizers") is null && grace == 0) return Remove(current, node);
            if (current.Deleting) return current;
            node["metadata"]!["deletionTimestamp"] = timing.Timestamp;
            node["metadata"]!["deletionGracePeriodSeconds"] = grace;
            return store.Put(key, node);
        }
    }

    /// <summary>Changes the resourceVersion only, as a concurrent write would.</summary>
    public void Touch(ObjectKey key)
    {
        lock (store.Gate)
        {
            if (store.Find(key) is { } current) store.Put(key, current.Read());
        }
    }

    public static string NewSuffix() => Guid.NewGuid().ToString("N")[..5];

    private StoredObject Remove(StoredObject current, JsonObject last)
    {
        if (current.Key.Kind == ResourceKind.Namespaces)
        {
            var within = ResourceKind.All.SelectMany(kind => store.List(kind, stored => stored.Key.Namespace == current.Key.Name).Objects);
            foreach (var stored in within) store.Remove(stored.Key, stored.Read());
        }

        return store.Remove(current.Key, last);
    }

    private void CreateNamed(ResourceKind kind, string ns, string name) =>
        Create(kind, ns, "kube-controller-manager", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });

    /// <summary>
    /// Applies defaults, and drops what the real server's typed objects can't hold: nulls anywhere, and empty maps and lists in metadata. A
    /// patch that deletes a missing field therefore changes nothing.
    /// </summary>
    private static void Complete(ResourceKind kind, JsonObject node)
    {
        DropNulls(node);
        foreach (var metadata in (IEnumerable<JsonObject?>)[node.Object("metadata"), node.Object("spec", "template", "metadata")])
        {
            foreach (var key in (ReadOnlySpan<string>)["annotations", "labels", "finalizers", "ownerReferences"])
            {
                if (metadata?[key] is JsonObject { Count: 0 } or JsonArray { Count: 0 }) metadata.Remove(key);
            }
        }

        Defaults.Apply(kind, node);
    }

    private static void KeepStatus(JsonObject before, JsonObject next)
    {
        if (before["status"] is { } status) next["status"] = status.DeepClone();
        else next.Remove("status");
    }

    private static void DropNulls(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items) DropNulls(item);
        }
        else if (node is JsonObject map)
        {
            foreach (var (key, value) in map.ToList())
            {
                if (value is null) map.Remove(key);
                else DropNulls(value);
            }
        }
    }

    private static JsonNode? TakeOwners(JsonObject node)
    {
        var metadata = node.Object("metadata");
        var owners = metadata?["managedFields"];
        metadata?.Remove("managedFields");
        return owners;
    }

    /// <summary>A client's change to a Deployment's annotations increments the generation like one to its spec; for other kinds it does not.</summary>
    private static bool IsNewGeneration(ResourceKind kind, WriteScope scope, JsonObject before, JsonObject next) =>
        kind.HasGeneration && (!JsonNode.DeepEquals(before["spec"], next["spec"])
            || (kind == ResourceKind.Deployments && scope == WriteScope.Resource
                && !JsonNode.DeepEquals(before.At("metadata", "annotations"), next.At("metadata", "annotations"))));

    private static ApiStatus? Preconditions(StoredObject current, JsonObject next)
    {
        if (next.Text("metadata", "resourceVersion") is { Length: > 0 } version && version != current.Revision.ToString())
            return ApiStatus.Conflict(current.Key);
        if (next.Text("metadata", "uid") is { Length: > 0 } uid && uid != current.Uid)
        {
            var cause = new StatusCause("FieldValueInvalid", "metadata.uid", $"Invalid value: \"{uid}\": field is immutable");
            return ApiStatus.Invalid(current.Key, cause);
        }

        var same = next.Text("metadata", "name") == current.Key.Name;
        return same ? null : ApiStatus.BadRequest("the name of the object does not match the name on the URL");
    }
}
