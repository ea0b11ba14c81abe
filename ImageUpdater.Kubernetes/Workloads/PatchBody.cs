using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>A patch as it is written: what is null is left out. The library's models know neither a null that deletes nor a list of deletions.</summary>
internal sealed record PatchBody(PatchMeta Metadata, PatchSpec? Spec);

internal sealed record PatchMeta
{
    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>A null takes the annotation away.</summary>
    public IReadOnlyDictionary<string, string?>? Annotations { get; init; }

    [JsonPropertyName("$deleteFromPrimitiveList/finalizers")]
    public IReadOnlyList<string>? RemovedFinalizers { get; init; }

    /// <summary>Replaces the whole list.</summary>
    public JsonArray? ManagedFields { get; init; }
}

internal sealed record PatchSpec(PatchTemplate Template);

internal sealed record PatchTemplate(PatchMeta Metadata, PatchPodSpec? Spec);

internal sealed record PatchPodSpec(IReadOnlyList<PatchContainer>? Containers, IReadOnlyList<PatchContainer>? InitContainers);

internal sealed record PatchContainer(string Name, string? Image, string? ImagePullPolicy);
