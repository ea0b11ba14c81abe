using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Patching;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>
/// The rules of every write: system fields of metadata, defaults, validation, generation, finalizers.
/// The API and the controller both write through it.
/// </summary>
internal sealed class ObjectWriter(ObjectStore store, TimeProvider time, bool lenientNamespaces)
{
    private long generatedNames;

    public WriteResult Create(ResourceKind kind, string ns, JsonObject node)
    {
        JsonObject metadata = node.Ensure("metadata");
        if (kind.Namespaced)
        {
            if (ns.Length == 0) return ApiStatus.BadRequest("an empty namespace may not be set during creation");
            if (metadata.Text("namespace") is { Length: > 0 } given && given != ns)
                return ApiStatus.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
            metadata["namespace"] = ns;
            if (CheckNamespace(kind, ns, metadata.Text("name") ?? "") is { } refusal) return refusal;
        }
        else
        {
            metadata.Remove("namespace");
        }

        if (metadata.Text("name") is not { Length: > 0 } && metadata.Text("generateName") is { Length: > 0 } prefix)
            metadata["name"] = prefix + SafeText.Encode(Interlocked.Increment(ref generatedNames));
        if (metadata.Text("resourceVersion") is { Length: > 0 })
            return new ApiStatus(500, "", "resourceVersion should not be set on objects to be created");

        Pruning.Apply(node);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Rfc3339.Seconds(time.GetUtcNow());
        metadata.Remove("deletionTimestamp");
        if (kind.HasGeneration) metadata["generation"] = 1;
        if (kind.IsWorkload) node["status"] = Defaults.Status(kind);
        if (kind == ResourceKinds.DaemonSets) TemplateGeneration.Keep(before: null, node);
        Defaults.Apply(kind, node);
        string name = metadata.Text("name") ?? "";
        if (Validation.Check(kind, node, current: null) is { Count: > 0 } problems) return ApiStatus.Invalid(kind, name, problems);
        return store.Add(kind, node) is { } stored ? stored : ApiStatus.AlreadyExists(kind, name);
    }

    /// <summary>
    /// Reads, changes, writes; again from the start when somebody else wrote in between, unless
    /// <paramref name="edit"/> itself then finds its precondition broken.
    /// </summary>
    public WriteResult Update(ResourceKind kind, string ns, string name, WriteScope scope, Func<StoredObject, JsonObject, PatchResult> edit)
    {
        while (true)
        {
            if (store.Find(kind, ns, name) is not { } current) return ApiStatus.NotFound(kind, name);
            JsonObject before = current.Read();
            PatchResult edited = edit(current, current.Read());
            if (edited.Failure is { } refused) return refused;

            JsonObject next = edited.Node!;
            next.Ensure("metadata");
            if (Preconditions(current, before, next) is { } broken) return broken;
            next = scope.Limit(before, next);
            Pruning.Apply(next);
            KeepSystemFields(before, next);
            Defaults.Apply(kind, next);
            if (current.Deleting && AddedFinalizers(before, next) is { Count: > 0 } added) return FinalizersRefused(kind, name, added);
            if (Validation.Check(kind, next, before) is { Count: > 0 } problems) return ApiStatus.Invalid(kind, name, problems);

            if (current.Deleting && kind != ResourceKinds.Pods && next.At("metadata", "finalizers") is null)
            {
                if (store.Remove(current, next) is { } gone) return new WriteResult(gone, null) { Removed = true };
                continue;
            }

            if (!scope.Always && JsonNode.DeepEquals(before, next)) return current;
            if (scope.Main && kind == ResourceKinds.DaemonSets) TemplateGeneration.Keep(before, next);
            if (kind.HasGeneration && CountsAsNew(kind, scope, before, next)) next["metadata"]!["generation"] = current.Generation + 1;
            if (store.Replace(current, next) is { } stored) return stored;
        }
    }

    /// <summary>A user's change of a Deployment's annotations counts as one of its spec. Of other kinds it does not.</summary>
    private static bool CountsAsNew(ResourceKind kind, WriteScope scope, JsonObject before, JsonObject next) =>
        !JsonNode.DeepEquals(before["spec"], next["spec"])
        || (kind == ResourceKinds.Deployments && scope == WriteScope.Resource
            && !JsonNode.DeepEquals(before.At("metadata", "annotations"), next.At("metadata", "annotations")));

    private static ApiStatus? Preconditions(StoredObject current, JsonObject before, JsonObject next)
    {
        string? version = next.Text("metadata", "resourceVersion");
        if (version is { Length: > 0 } && version != before.Text("metadata", "resourceVersion"))
            return ApiStatus.Conflict(current.Kind, current.Name);
        string? uid = next.Text("metadata", "uid");
        if (uid is { Length: > 0 } && uid != current.Uid)
            return ApiStatus.Invalid(current.Kind, current.Name, [FieldProblem.Invalid("metadata.uid", uid, "field is immutable")]);

        string? renamed = next.Text("metadata", "name");
        return renamed == current.Name
            ? null
            : ApiStatus.BadRequest($"the name of the object ({renamed}) does not match the name on the URL ({current.Name})");
    }

    private static void KeepSystemFields(JsonObject before, JsonObject next)
    {
        JsonObject old = before["metadata"]!.AsObject();
        JsonObject metadata = next["metadata"]!.AsObject();
        foreach (string key in SystemFields)
        {
            if (old[key] is { } value) metadata[key] = value.DeepClone();
            else metadata.Remove(key);
        }
    }

    private static List<string> AddedFinalizers(JsonObject before, JsonObject next)
    {
        return [.. Finalizers(next).Except(Finalizers(before))];

        static IEnumerable<string> Finalizers(JsonObject node) =>
            node.At("metadata", "finalizers") is JsonArray list ? list.Select(finalizer => finalizer.Text() ?? "") : [];
    }

    private static ApiStatus FinalizersRefused(ResourceKind kind, string name, List<string> added)
    {
        string found = string.Join(", ", added.Select(finalizer => $"\"{finalizer}\""));
        string why = $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{found}}}";
        return ApiStatus.Invalid(kind, name, [FieldProblem.Forbidden("metadata.finalizers", why)]);
    }

    private ApiStatus? CheckNamespace(ResourceKind kind, string ns, string name)
    {
        StoredObject? there = store.Find(ResourceKinds.Namespaces, "", ns);
        if (there is null)
        {
            if (!lenientNamespaces) return ApiStatus.NotFound(ResourceKinds.Namespaces, ns);
            Create(ResourceKinds.Namespaces, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } });
        }
        else if (there.Deleting)
        {
            string message = $"{kind.QualifiedPlural} \"{name}\" is forbidden: unable to create new content in namespace {ns} because it is being terminated";
            return new ApiStatus(403, "Forbidden", message) { Details = ApiStatus.Naming(kind, kind.Plural, name) };
        }

        return null;
    }

    private static readonly string[] SystemFields =
        ["name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"];
}
