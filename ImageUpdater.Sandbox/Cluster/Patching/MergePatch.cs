using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>RFC 7386: objects merge, null deletes, everything else replaces.</summary>
internal static class MergePatch
{
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach ((string key, JsonNode? value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(key);
                    break;
                case JsonObject inner:
                    Apply(target.Ensure(key), inner);
                    break;
                default:
                    target[key] = value.DeepClone();
                    break;
            }
        }
    }
}
