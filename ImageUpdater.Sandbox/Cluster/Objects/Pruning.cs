using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>
/// Drops what would not survive the real server's typed objects: nulls anywhere, and empty maps and lists of metadata.
/// So a patch that deletes what is not there changes nothing.
/// </summary>
internal static class Pruning
{
    private static readonly string[] Collections = ["annotations", "labels", "finalizers", "ownerReferences"];

    public static void Apply(JsonObject node)
    {
        DropNulls(node);
        Metadata(node.Object("metadata"));
        Metadata(node.Object("spec", "template", "metadata"));
        // Managed fields describe patches by field manager; nothing here keeps them.
        node.Object("metadata")?.Remove("managedFields");
    }

    private static void Metadata(JsonObject? metadata)
    {
        if (metadata is null) return;
        foreach (string key in Collections)
        {
            if (metadata[key] is JsonObject { Count: 0 } or JsonArray { Count: 0 }) metadata.Remove(key);
        }
    }

    private static void DropNulls(JsonNode node)
    {
        if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
            {
                if (item is JsonObject or JsonArray) DropNulls(item);
            }
        }
        else if (node is JsonObject parent)
        {
            List<string>? nulls = null;
            foreach ((string key, JsonNode? value) in parent)
            {
                if (value is null) (nulls ??= []).Add(key);
                else if (value is JsonObject or JsonArray) DropNulls(value);
            }

            foreach (string key in nulls ?? []) parent.Remove(key);
        }
    }
}
