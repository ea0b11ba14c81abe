using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>Suffixes of generated names, in Kubernetes' alphabet that spells no words.</summary>
internal static class SafeText
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Five characters; neighbours look unrelated, and none repeats within 14 million.</summary>
    public static string Encode(long number)
    {
        // A multiplier prime to the size of the space makes this a permutation of it.
        const long space = 27L * 27 * 27 * 27 * 27;
        return Spell((ulong)(number * 8_765_431 % space), 5);
    }

    /// <summary>Ten characters or fewer that change when the tree does, whatever the order of its keys.</summary>
    public static string Hash(JsonNode? tree)
    {
        ulong hash = 14695981039346656037;
        Add(ref hash, tree);
        return Spell(hash, 10);
    }

    private static void Add(ref ulong hash, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject parent:
                Add(ref hash, "{");
                foreach ((string key, JsonNode? value) in parent.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    Add(ref hash, key);
                    Add(ref hash, value);
                }

                Add(ref hash, "}");
                break;
            case JsonArray items:
                Add(ref hash, "[");
                foreach (JsonNode? item in items) Add(ref hash, item);
                Add(ref hash, "]");
                break;
            case not null when node.GetValueKind() == JsonValueKind.String:
                Add(ref hash, node.GetValue<string>());
                break;
            default:
                Add(ref hash, node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static void Add(ref ulong hash, string text)
    {
        foreach (char letter in text)
        {
            hash = (hash ^ letter) * 1099511628211;
        }

        hash = (hash ^ 0xffff) * 1099511628211;
    }

    private static string Spell(ulong number, int length) => string.Create(length, number, static (span, rest) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = Alphabet[(int)(rest % 27)];
            rest /= 27;
        }
    });
}
