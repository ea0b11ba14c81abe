using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>
/// The order of a merged list, after strategicpatch's mergeSortedSlice: the patch's items keep the patch's order, the
/// others keep theirs, and the two are interleaved by the order before the patch. One visible effect: a container that
/// only the patch knows comes first.
/// </summary>
internal static class ListOrder
{
    public static JsonArray Arrange(JsonArray merged, JsonArray patchOrder, JsonArray before, string? mergeKey)
    {
        var ofPatch = new List<(int Rank, JsonNode? Item)>();
        var others = new List<(int Rank, JsonNode? Item)>();
        foreach (JsonNode? item in merged)
        {
            int rank = ListMerge.IndexOf(patchOrder, KeyOf(item, mergeKey), mergeKey);
            if (rank >= 0) ofPatch.Add((rank, item));
            else others.Add((ListMerge.IndexOf(before, KeyOf(item, mergeKey), mergeKey), item));
        }

        var left = others.OrderBy(entry => entry.Rank).Select(entry => entry.Item).ToList();
        var right = ofPatch.OrderBy(entry => entry.Rank).Select(entry => entry.Item).ToList();
        var result = new JsonArray();
        int i = 0, j = 0;
        while (i < left.Count || j < right.Count)
        {
            bool takeLeft = j >= right.Count || (i < left.Count && Before(left[i], right[j], before, mergeKey));
            result.Add((takeLeft ? left[i++] : right[j++])?.DeepClone());
        }

        return result;
    }

    private static bool Before(JsonNode? one, JsonNode? other, JsonArray before, string? mergeKey)
    {
        int first = ListMerge.IndexOf(before, KeyOf(one, mergeKey), mergeKey);
        int second = ListMerge.IndexOf(before, KeyOf(other, mergeKey), mergeKey);
        return first >= 0 && second >= 0 && first < second;
    }

    private static JsonNode? KeyOf(JsonNode? item, string? mergeKey) => mergeKey is null ? item : item.At(mergeKey);
}
