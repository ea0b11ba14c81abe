using System.Text.Json.Serialization;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Kubernetes.Nodes;

// PartialObjectMetadata, reduced to the fields that are read. Of a server that sends whole nodes all the same, the rest is skipped while parsing.

internal sealed record NodePage(NodeListMeta? Metadata, IReadOnlyList<NodeObject>? Items);

internal sealed record NodeListMeta(string? Continue, string? ResourceVersion);

internal sealed record NodeObject(int Code, string? Message, NodeMeta? Metadata) : IWatchedObject
{
    string? IWatchedObject.Uid => Metadata?.Uid;

    string? IWatchedObject.ResourceVersion => Metadata?.ResourceVersion;
}

internal sealed record NodeMeta(string? Uid, string? ResourceVersion, NodeLabels? Labels);

/// <summary>Those that every kubelet sets, and that the scheduler goes by.</summary>
internal sealed record NodeLabels(
    [property: JsonPropertyName("kubernetes.io/os")] string? Os, [property: JsonPropertyName("kubernetes.io/arch")] string? Architecture);
