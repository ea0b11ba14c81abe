using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>How two lists become one in a strategic merge.</summary>
internal static class ListMerge
{
    public static JsonArray Objects(JsonArray there, JsonArray patch, JsonArray? order, string mergeKey)
    {
        var before = (JsonArray)there.DeepClone();
        var additions = new List<JsonObject>();
        var replaces = false;
        foreach (JsonNode? node in patch)
        {
            if (node is not JsonObject item) throw new BadPatchException("unable to merge a list of objects with other things");
            switch (item.Text(StrategicMerge.Directive))
            {
                case null or "merge":
                    additions.Add(item);
                    break;
                case "replace":
                    replaces = true;
                    break;
                case "delete":
                    there = new JsonArray([.. there.Where(old => !SameKey(old, Key(item, mergeKey), mergeKey)).Select(old => old?.DeepClone())]);
                    break;
                default:
                    throw new BadPatchException($"Unknown patch type: {item[StrategicMerge.Directive]}");
            }
        }

        if (replaces) return new JsonArray([.. additions.Select(item => StrategicMerge.WithoutDirectives(item, ""))]);

        foreach (JsonObject item in additions)
        {
            JsonNode key = Key(item, mergeKey);
            int index = IndexOf(there, key, mergeKey);
            if (index < 0) there.Add(StrategicMerge.WithoutDirectives(item, ""));
            else if (StrategicMerge.Merge((JsonObject)there[index]!, item) is var merged && merged != there[index]) there[index] = merged;
        }

        return ListOrder.Arrange(there, order ?? new JsonArray([.. additions.Select(item => item.DeepClone())]), before, mergeKey);
    }

    public static JsonArray Scalars(JsonArray there, JsonArray patch, JsonArray? order)
    {
        var before = (JsonArray)there.DeepClone();
        foreach (JsonNode? value in patch)
        {
            if (!there.Any(old => JsonNode.DeepEquals(old, value))) there.Add(value?.DeepClone());
        }

        return ListOrder.Arrange(there, order ?? patch, before, mergeKey: null);
    }

    public static void Remove(JsonObject target, string field, JsonNode? values)
    {
        if (target[field] is not JsonArray there || values is not JsonArray gone) return;
        IEnumerable<JsonNode?> kept = there.Where(old => !gone.Any(value => JsonNode.DeepEquals(old, value))).Select(old => old?.DeepClone());
        target[field] = new JsonArray([.. kept]);
    }

    internal static int IndexOf(JsonArray list, JsonNode? key, string? mergeKey)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (SameKey(list[i], key, mergeKey)) return i;
        }

        return -1;
    }

    private static JsonNode Key(JsonObject item, string mergeKey) =>
        item[mergeKey] ?? throw new BadPatchException($"map: {StrategicMerge.GoText(item)} does not contain declared merge key: {mergeKey}");

    private static bool SameKey(JsonNode? item, JsonNode? key, string? mergeKey) =>
        JsonNode.DeepEquals(mergeKey is null ? item : item.At(mergeKey), key);
}
