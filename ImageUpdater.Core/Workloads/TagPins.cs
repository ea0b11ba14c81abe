using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Workloads;

/// <summary>Images pinned to the previous digest by <c>on-failure: pin-previous</c>. Their tags are still checked.</summary>
public sealed class TagPins
{
    private readonly LastDigestMap pins;

    private TagPins(LastDigestMap pins) => this.pins = pins;

    public static TagPins Of(WorkloadSnapshot workload) => new(LastDigestMap.Parse(workload.Annotations.GetValueOrDefault(Annotations.PinnedDigest)));

    /// <summary>Whether the container still has the pin that ImageUpdater wrote. A pin changed by someone else is not ours.</summary>
    public bool IsOurs(ContainerSpec container) =>
        container.Image.Value is { IsPinned: true, Tag: not null } image && pins.For(container.Name, isFirstTracked: false) == image.Digest;

    /// <summary>Somebody wrote the plain tag again where ImageUpdater had pinned the container, and nothing was restarted since.</summary>
    public bool WasSetBack(ContainerSpec container) =>
        container.Image.Value is { IsPinned: false } && pins.For(container.Name, isFirstTracked: false) is not null;

    /// <summary>The reference to check at the registry; null if there is none.</summary>
    public ImageReference? Watched(ContainerSpec container) => container.Image.Value switch
    {
        _ when container.IsNeverPulled => null,
        { IsPinned: false } image => image,
        { } image when IsOurs(container) => image.WithoutDigest(),
        _ => null,
    };

    /// <summary>Keeps the tag before the digest, so that the tag can be restored.</summary>
    public static string Pinned(string imageText, ImageReference image, Digest digest) =>
        imageText.EndsWith(":" + image.Tag, StringComparison.Ordinal) ? $"{imageText}@{digest}" : $"{imageText}:{image.Tag}@{digest}";

    public static string Unpinned(string imageText) => imageText[..imageText.IndexOf('@')];
}
