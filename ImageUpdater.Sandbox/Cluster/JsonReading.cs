using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>Reads of JSON trees of any shape: what is missing, or of another type than asked for, is null.</summary>
internal static class JsonReading
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (string key in path)
        {
            if (node is not JsonObject parent || !parent.TryGetPropertyValue(key, out node)) return null;
        }

        return node;
    }

    public static JsonObject? Object(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static int? Number(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out int number) ? number : null;

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>The objects of an array; anything else in it is left out.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>The object at a key, made when it is not there.</summary>
    public static JsonObject Ensure(this JsonObject parent, string key)
    {
        if (parent[key] is JsonObject there) return there;
        var made = new JsonObject();
        parent[key] = made;
        return made;
    }

    public static void Default(this JsonObject parent, string key, JsonNode value)
    {
        if (parent[key] is null) parent[key] = value;
    }

    public static Dictionary<string, string> Map(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        var map = new Dictionary<string, string>();
        if (node.Object(path) is { } pairs)
        {
            foreach ((string key, JsonNode? value) in pairs)
            {
                if (value.Text() is { } text) map[key] = text;
            }
        }

        return map;
    }
}
