using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Workloads;

/// <summary>Images that we pinned to the digest before, after a rollout failed. Their tags are still watched, to return to.</summary>
public sealed class TagPins
{
    private readonly LastDigestMap pins;

    private TagPins(LastDigestMap pins) => this.pins = pins;

    public static TagPins Of(WorkloadSnapshot workload) => new(LastDigestMap.Parse(workload.Annotations.GetValueOrDefault(Annotations.PinnedDigest)));

    /// <summary>Whether the container has the very pin that we gave it; whatever somebody wrote there since is theirs.</summary>
    public bool IsOurs(ContainerSpec container) =>
        container.Image.Value is { IsPinned: true, Tag: not null } image && pins.For(container.Name, isFirstTracked: false) == image.Digest;

    /// <summary>The reference that a registry is asked about; null where there is none to ask about.</summary>
    public ImageReference? Watched(ContainerSpec container) => container.Image.Value switch
    {
        { IsPinned: false } image => image,
        { } image when IsOurs(container) => image.WithoutDigest(),
        _ => null,
    };

    /// <summary>With the tag before the digest: people see what it was, and the tag can be found again.</summary>
    public static string Pinned(string imageText, ImageReference image, Digest digest) =>
        imageText.EndsWith(":" + image.Tag, StringComparison.Ordinal) ? $"{imageText}@{digest}" : $"{imageText}:{image.Tag}@{digest}";

    public static string Unpinned(string imageText) => imageText[..imageText.IndexOf('@')];
}
