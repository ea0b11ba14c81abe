using System.Text.Json.Nodes;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>A workload, reduced to who owns its fields.</summary>
internal sealed record OwnedWorkload(OwnedMeta? Metadata);

/// <param name="ManagedFields">Null if the API server tracks none.</param>
internal sealed record OwnedMeta(string? Uid, string? ResourceVersion, JsonArray? ManagedFields);

/// <summary>
/// Gives up the ownership of fields that a restart wrote. While ImageUpdater owns them, a server-side apply of a manifest with another value fails with
/// a conflict.
/// </summary>
/// <remarks>
/// | the workload                            | given up                                                                            |
/// |-----------------------------------------|-------------------------------------------------------------------------------------|
/// | was applied server-side by somebody     | everything: the manifest may have <c>restartedAt</c> or <c>last-digest</c>, for example one that was exported |
/// | (otherwise)                             | the pod template's spec (<c>image</c>, <c>imagePullPolicy</c>)                       |
/// </remarks>
internal static class FieldOwnership
{
    public const string Update = "Update";
    public const string Apply = "Apply";

    /// <returns>The list without these claims; null if there are none.</returns>
    public static JsonArray? Without(JsonArray? managedFields)
    {
        if (managedFields is null)
            return null;

        var kept = managedFields.DeepClone().AsArray();
        var ours = kept.OfType<JsonObject>().Where(entry => Text(entry, "manager") == ClusterClient.FieldManager && Text(entry, "operation") == Update);
        var isApplied = kept.OfType<JsonObject>().Any(entry => Text(entry, "operation") == Apply);
        var changed = ours.Where(entry => isApplied || (entry["fieldsV1"] is JsonObject fields && Remove(fields, "f:spec", "f:template", "f:spec"))).ToList();
        foreach (var entry in changed.Where(entry => isApplied || entry["fieldsV1"] is JsonObject { Count: 0 }))
            kept.Remove(entry);
        return changed.Count == 0 ? null : kept;
    }

    // Empty objects are removed too: an empty object is a leaf, which would own the whole field.
    private static bool Remove(JsonObject fields, params ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
            return fields.Remove(path[0]);
        if (fields[path[0]] is not JsonObject inner || !Remove(inner, path[1..]))
            return false;
        if (inner.Count == 0)
            fields.Remove(path[0]);
        return true;
    }

    private static string? Text(JsonObject entry, string name) => entry[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
