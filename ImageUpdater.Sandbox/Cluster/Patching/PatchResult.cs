using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>The patched tree, or why there is none.</summary>
internal readonly record struct PatchResult(JsonObject? Node, ApiStatus? Failure)
{
    public static implicit operator PatchResult(JsonObject node) => new(node, null);

    public static implicit operator PatchResult(ApiStatus failure) => new(null, failure);
}
