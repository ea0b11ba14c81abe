using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Patching;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>The three kinds of patch that the API takes, by content type.</summary>
internal static class Patches
{
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Merge = "application/merge-patch+json";
    private const string Operations = "application/json-patch+json";

    public static Func<JsonObject, PatchResult>? Read(string? contentType, string body, out ApiStatus? failure)
    {
        string type = contentType?.Split(';')[0].Trim() ?? "";
        if (type is not (Strategic or Merge or Operations))
        {
            failure = ApiStatus.UnsupportedPatchType;
            return null;
        }

        JsonNode? patch = Responses.Parse(body, out failure);
        switch (type, patch)
        {
            case (_, null):
                return null;
            case (Operations, JsonArray operations):
                return target => JsonPatch.Apply(target, operations);
            case (Strategic, JsonObject tree):
                return target => StrategicMerge.Apply(target, tree);
            case (Merge, JsonObject tree):
                return target =>
                {
                    MergePatch.Apply(target, tree);
                    return target;
                };
            default:
                failure = ApiStatus.BadRequest($"the body is no {type}");
                return null;
        }
    }
}
