using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>
/// Which lists of the served kinds merge, by which keys, and which maps are atomic, from the struct tags of Kubernetes' types. Looked up by the
/// field's name alone: in these kinds no name has two meanings. Lists not named here are atomic.
/// </summary>
internal static class ListSchema
{
    private static readonly Dictionary<string, string[]> Keys = new()
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["env"] = ["name"],
        ["ports"] = ["containerPort", "protocol"],
        ["volumeMounts"] = ["mountPath"],
        ["volumes"] = ["name"],
        ["imagePullSecrets"] = ["name"],
        ["hostAliases"] = ["ip"],
        ["topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
        ["ownerReferences"] = ["uid"],
        ["conditions"] = ["type"],
    };

    private static readonly HashSet<string> Atomic =
    [
        "selector", "labelSelector", "nodeSelector", "secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef",
        "secretRef", "configMapRef", "imagePullSecrets[]",
    ];

    /// <param name="field">The field's name; for the items of a list, the list's name and <c>[]</c>.</param>
    public static bool IsAtomic(string field) => Atomic.Contains(field);

    public static bool IsSet(string field) => field == "finalizers";

    /// <summary>The merge key of a list item, as JSON; null if the list is atomic, or the item lacks its key.</summary>
    /// <param name="first">Whether to use the first key only, as strategic merge patches do, or all keys.</param>
    public static string? KeyOf(string field, JsonNode? item, bool first)
    {
        if (!Keys.TryGetValue(field, out var names) || item is not JsonObject node) return null;
        var key = new JsonObject();
        foreach (var name in first ? names[..1] : names)
        {
            if (node[name] is { } value) key[name] = value.DeepClone();
            else if (name == "protocol") key[name] = "TCP";
            else return null;
        }

        return key.ToJsonString();
    }

    public static bool Merges(string field) => Keys.ContainsKey(field);
}
