using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>The three ways to merge a tree into another: RFC 7386, strategic merge patch, and server-side apply.</summary>
internal static class Merging
{
    private const string Directive = "$patch";
    private const string DeleteScalars = "$deleteFromPrimitiveList/";
    private const string Order = "$setElementOrder/";

    /// <summary>RFC 7386: objects merge, null deletes, everything else replaces.</summary>
    public static JsonObject Plain(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is null) target.Remove(key);
            else if (value is JsonObject inner) Plain(target.Ensure(key), inner);
            else target[key] = value.DeepClone();
        }

        return target;
    }

    /// <summary>
    /// Kubernetes' strategic merge patch: maps merge, null deletes, lists merge by the first key that <see cref="ListSchema"/>
    /// names or else are replaced. Directives: <c>$patch</c>, <c>$retainKeys</c>, <c>$deleteFromPrimitiveList/…</c>, <c>$setElementOrder/…</c>.
    /// </summary>
    public static JsonObject Strategic(JsonObject target, JsonObject patch) => Merge(target, patch, apply: false);

    /// <summary>The merge of server-side apply: lists by all keys; atomic values are replaced.</summary>
    public static JsonObject Applied(JsonObject target, JsonObject config) => Merge(target, config, apply: true);

    private static JsonObject Merge(JsonObject target, JsonObject patch, bool apply)
    {
        if (patch.Text(Directive) is "replace") return (JsonObject)WithoutDirectives(patch);
        foreach (var (key, value) in patch)
        {
            if (key.StartsWith(DeleteScalars, StringComparison.Ordinal)) DeleteFrom(target, key[DeleteScalars.Length..], value);
            else if (!IsDirective(key)) MergeField(target, key, value, apply);
        }

        foreach (var (key, value) in patch)
        {
            if (key.StartsWith(Order, StringComparison.Ordinal)) Arrange(target, key[Order.Length..], value);
        }

        if (patch["$retainKeys"] is JsonArray retained)
        {
            foreach (var key in target.Select(pair => pair.Key).Except(retained.Select(key => key.Text() ?? "")).ToList()) target.Remove(key);
        }

        return target;
    }

    private static void MergeField(JsonObject target, string key, JsonNode? value, bool apply)
    {
        switch (target[key], value)
        {
            case (_, null):
                target.Remove(key);
                break;
            case (JsonObject there, JsonObject inner) when !(apply && ListSchema.IsAtomic(key)):
                if (Merge(there, inner, apply) is var merged && merged != there) target[key] = merged;
                break;
            case (JsonArray there, JsonArray items) when ListSchema.Merges(key):
                target[key] = MergeList(key, there, items, apply);
                break;
            case (JsonArray there, JsonArray items) when ListSchema.IsSet(key):
                target[key] = new JsonArray([.. there.Concat(items).DistinctBy(item => item.Text()).Select(item => item?.DeepClone())]);
                break;
            default:
                target[key] = WithoutDirectives(value);
                break;
        }
    }

    /// <summary>
    /// Existing items keep their places. New ones are inserted after their predecessor in the patch or, with apply, at the end.
    /// (Kubernetes also reorders existing ones.)
    /// </summary>
    private static JsonArray MergeList(string field, JsonArray there, JsonArray patch, bool apply)
    {
        var merged = there.OfType<JsonObject>().Select(item => item.Copy()).ToList();
        var items = patch.OfType<JsonObject>().ToList();
        if (items.Exists(item => item.Text(Directive) == "replace")) return (JsonArray)WithoutDirectives(patch);
        var place = 0;
        foreach (var item in items)
        {
            var known = merged.FindIndex(old => KeyOf(old) == KeyOf(item));
            if (item.Text(Directive) == "delete") merged.RemoveAll(old => KeyOf(old) == KeyOf(item));
            else if (known < 0) merged.Insert(apply ? merged.Count : Math.Min(place++, merged.Count), (JsonObject)WithoutDirectives(item));
            else (merged[known], place) = (Merge(merged[known], item, apply), known + 1);
        }

        return new JsonArray([.. merged]);

        string? KeyOf(JsonNode? item) => ListSchema.KeyOf(field, item, first: !apply);
    }

    private static void DeleteFrom(JsonObject target, string field, JsonNode? values)
    {
        if (target[field] is not JsonArray there || values is not JsonArray gone) return;
        target[field] = new JsonArray([.. there.Where(old => !gone.Any(value => JsonNode.DeepEquals(old, value))).Select(old => old?.DeepClone())]);
    }

    private static void Arrange(JsonObject target, string field, JsonNode? order)
    {
        if (target[field] is not JsonArray list || order is not JsonArray wanted) return;
        var keys = wanted.Select(KeyOf).ToList();
        target[field] = new JsonArray([.. list.OrderBy(item => (uint)keys.IndexOf(KeyOf(item))).Select(item => item?.DeepClone())]);

        string? KeyOf(JsonNode? item) => ListSchema.KeyOf(field, item, first: true) ?? item?.ToJsonString();
    }

    /// <summary>Copies a new value from the patch, without directives and nulls.</summary>
    private static JsonNode WithoutDirectives(JsonNode node) => node switch
    {
        JsonObject map => new JsonObject(map.Where(pair => pair.Value is not null && !IsDirective(pair.Key))
            .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)WithoutDirectives(pair.Value!)))),
        JsonArray list => new JsonArray(
            [.. list.Where(item => item is not null && item.Text(Directive) is null).Select(item => WithoutDirectives(item!))]),
        _ => node.DeepClone(),
    };

    private static bool IsDirective(string key) => key.StartsWith('$');
}
