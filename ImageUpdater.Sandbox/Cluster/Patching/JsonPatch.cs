using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>RFC 6902. Applies to a tree of the caller's own, which is spoilt when an operation fails.</summary>
internal static class JsonPatch
{
    public static PatchResult Apply(JsonObject target, JsonArray operations)
    {
        JsonNode root = target;
        foreach (JsonNode? operation in operations)
        {
            if (ApplyOne(ref root, operation) is not null) return ApiStatus.UnprocessablePatch;
        }

        return root is JsonObject result ? result : ApiStatus.UnprocessablePatch;
    }

    private static string? ApplyOne(ref JsonNode root, JsonNode? operation)
    {
        string? kind = operation.Text("op");
        if (operation.Text("path") is not { } path) return "a JSON patch operation needs a path";
        JsonNode? value = operation.At("value")?.DeepClone();
        switch (kind)
        {
            case "add":
                return Write(ref root, path, value, insert: true);
            case "replace":
                return Read(root, path, out _) ? Write(ref root, path, value, insert: false) : Missing(kind, path);
            case "remove":
                return Remove(root, path) ? null : Missing(kind, path);
            case "test":
                bool equal = Read(root, path, out JsonNode? there) ? JsonNode.DeepEquals(there, value) : value is null;
                return equal ? null : $"testing value {path} failed";
            case "copy" or "move":
                string from = operation.Text("from") ?? "";
                if (!Read(root, from, out JsonNode? source)) return Missing(kind, from);
                JsonNode? copy = source?.DeepClone();
                if (kind == "move") Remove(root, from);
                return Write(ref root, path, copy, insert: true);
            default:
                return $"Unexpected kind: {kind}";
        }
    }

    private static string Missing(string operation, string path) =>
        $"{operation} operation does not apply: doc is missing path: \"{path}\": missing value";

    private static bool Read(JsonNode root, string path, out JsonNode? found)
    {
        found = root;
        foreach (string key in Keys(path))
        {
            switch (found)
            {
                case JsonObject parent when parent.TryGetPropertyValue(key, out found):
                    break;
                case JsonArray array when Index(key, array.Count - 1) is { } index:
                    found = array[index];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static string? Write(ref JsonNode root, string path, JsonNode? value, bool insert)
    {
        string[] keys = Keys(path);
        if (keys.Length == 0)
        {
            if (value is null) return "the patch leaves no object";
            root = value;
            return null;
        }

        Read(root, path[..path.LastIndexOf('/')], out JsonNode? parent);
        string last = keys[^1];
        switch (parent)
        {
            case JsonObject target:
                target[last] = value;
                return null;
            case JsonArray array when insert && last == "-":
                array.Add(value);
                return null;
            case JsonArray array when Index(last, insert ? array.Count : array.Count - 1) is { } index:
                if (insert) array.Insert(index, value);
                else array[index] = value;
                return null;
            default:
                return Missing(insert ? "add" : "replace", path);
        }
    }

    private static bool Remove(JsonNode root, string path)
    {
        string[] keys = Keys(path);
        if (keys.Length == 0 || !Read(root, path[..path.LastIndexOf('/')], out JsonNode? parent)) return false;
        switch (parent)
        {
            case JsonObject target:
                return target.Remove(keys[^1]);
            case JsonArray array when Index(keys[^1], array.Count - 1) is { } index:
                array.RemoveAt(index);
                return true;
            default:
                return false;
        }
    }

    private static string[] Keys(string path) =>
        path.Length == 0 ? [] : [.. path[1..].Split('/').Select(key => key.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static int? Index(string key, int most) =>
        int.TryParse(key, out int index) && index >= 0 && index <= most ? index : null;
}
