using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>
/// Which lists of the served kinds merge, by which keys, and which maps are one value: the tags of Kubernetes' types. The
/// field's name alone decides: in these kinds no name occurs with two meanings. Lists not named here are one value.
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

    /// <param name="field">Of a list's items: the list's name and <c>[]</c>.</param>
    public static bool IsAtomic(string field) => Atomic.Contains(field);

    public static bool IsSet(string field) => field == "finalizers";

    /// <summary>What tells an item of a list from the others, as JSON; null where such lists don't merge, or it lacks its key.</summary>
    /// <param name="first">By the first key alone, as strategic merge patches go; else by all of them.</param>
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
