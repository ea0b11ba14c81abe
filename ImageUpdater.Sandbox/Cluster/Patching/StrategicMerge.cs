using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>
/// Kubernetes' strategic merge patch, after apimachinery's strategicpatch: maps merge, null deletes, lists merge by the
/// key that <see cref="MergeSchema"/> names or else are replaced. Directives: <c>$patch</c>, <c>$retainKeys</c>,
/// <c>$deleteFromPrimitiveList/…</c>, <c>$setElementOrder/…</c>.
/// </summary>
internal static class StrategicMerge
{
    internal const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeleteScalars = "$deleteFromPrimitiveList/";
    private const string Order = "$setElementOrder/";

    public static PatchResult Apply(JsonObject target, JsonObject patch)
    {
        try
        {
            return Merge(target, patch);
        }
        catch (BadPatchException problem)
        {
            // The real server has no better status than this for most patches that make no sense.
            return new ApiStatus(500, "", problem.Message);
        }
    }

    internal static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        if (patch.TryGetPropertyValue(Directive, out JsonNode? directive))
        {
            switch (directive.Text())
            {
                case "replace":
                    var replacement = (JsonObject)patch.DeepClone();
                    replacement.Remove(Directive);
                    return replacement;
                case "delete":
                    return [];
                case "merge":
                    break;
                default:
                    throw new BadPatchException($"Unknown patch type: {directive}");
            }
        }

        foreach ((string key, JsonNode? value) in patch)
        {
            if (key is Directive or RetainKeys || key.StartsWith(Order, StringComparison.Ordinal)) continue;
            if (key.StartsWith(DeleteScalars, StringComparison.Ordinal))
                ListMerge.Remove(target, key[DeleteScalars.Length..], value);
            else
                MergeField(target, key, value, patch[Order + key] as JsonArray);
        }

        foreach ((string key, JsonNode? value) in patch)
        {
            // An order without a patch list still orders what is there.
            if (!key.StartsWith(Order, StringComparison.Ordinal)) continue;
            string field = key[Order.Length..];
            if (!patch.ContainsKey(field) && value is JsonArray order && target[field] is JsonArray list)
                target[field] = ListOrder.Arrange(list, order, list, MergeSchema.KeyOf(field));
        }

        if (patch[RetainKeys] is JsonArray retained) Retain(target, retained);
        return target;
    }

    private static void MergeField(JsonObject target, string key, JsonNode? value, JsonArray? order)
    {
        if (value is null)
        {
            target.Remove(key);
            return;
        }

        switch (target[key], value)
        {
            case (JsonObject there, JsonObject inner):
                JsonObject merged = Merge(there, inner);
                if (merged != there) target[key] = merged;
                break;
            case (JsonArray there, JsonArray items) when MergeSchema.KeyOf(key) is { } mergeKey:
                target[key] = ListMerge.Objects(there, items, order, mergeKey);
                break;
            case (JsonArray there, JsonArray items) when MergeSchema.MergesScalars(key):
                target[key] = ListMerge.Scalars(there, items, order);
                break;
            default:
                target[key] = WithoutDirectives(value, key);
                break;
        }
    }

    /// <summary>What is new is taken from the patch as it stands, without its directives and nulls.</summary>
    internal static JsonNode? WithoutDirectives(JsonNode value, string field)
    {
        switch (value)
        {
            case JsonObject node:
                var copy = new JsonObject();
                foreach ((string key, JsonNode? inner) in node)
                {
                    if (inner is not null && key[0] != '$') copy[key] = WithoutDirectives(inner, key);
                }

                return copy;
            case JsonArray items when MergeSchema.KeyOf(field) is not null:
                IEnumerable<JsonNode?> kept = items
                    .Where(item => item is not null && item.Text(Directive) is null)
                    .Select(item => WithoutDirectives(item!, ""));
                return new JsonArray([.. kept]);
            default:
                return value.DeepClone();
        }
    }

    /// <summary>As Go prints a map, which is how messages show one.</summary>
    internal static string GoText(JsonNode? node) => node switch
    {
        JsonObject map => $"map[{string.Join(' ', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}:{GoText(pair.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(GoText))}]",
        null => "<nil>",
        _ => node.ToString(),
    };

    private static void Retain(JsonObject target, JsonArray retained)
    {
        var keep = retained.Select(key => key.Text()).ToHashSet();
        foreach (string key in target.Select(pair => pair.Key).ToList())
        {
            if (!keep.Contains(key)) target.Remove(key);
        }
    }
}
