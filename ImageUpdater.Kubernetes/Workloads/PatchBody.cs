using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>
/// Body of a strategic merge patch; nulls are left out. The client library's models can express neither a null that deletes a value nor
/// <c>$deleteFromPrimitiveList</c>.
/// </summary>
internal sealed record PatchBody(PatchMeta Metadata, PatchSpec? Spec);

internal sealed record PatchMeta
{
    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>A null value removes the annotation.</summary>
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
