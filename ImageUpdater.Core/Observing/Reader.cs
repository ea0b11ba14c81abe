using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Observing;

/// <summary>Whose credentials something was read with, and so whose workloads it may answer for.</summary>
/// <param name="Namespace">
/// The namespace whose pull secrets were needed; null if the registry answered without credentials or to the operator's own, which all workloads share.
/// A namespace rather than a credential, or a hash of one: it stays the same when a secret is rotated, and says nothing about the secret.
/// </param>
public readonly record struct Reader(string? Namespace) : IComparable<Reader>
{
    public static readonly Reader Shared;

    public bool IsShared => Namespace is null;

    /// <summary>Whether workloads of the namespace may use what was read.</summary>
    public bool Includes(string @namespace) => Namespace is null || Namespace == @namespace;

    public int CompareTo(Reader other) => string.CompareOrdinal(Namespace, other.Namespace);
}

/// <summary>An image as one reader reads it: what a check, an observation and a request for a manifest belong to.</summary>
public readonly record struct ObservedImage(ImageReference Image, Reader Reader) : IComparable<ObservedImage>
{
    /// <summary>The image as all read it.</summary>
    public static implicit operator ObservedImage(ImageReference image) => new(image, Reader.Shared);

    public int CompareTo(ObservedImage other) => Image.CompareTo(other.Image) is not 0 and var order ? order : Reader.CompareTo(other.Reader);

    public override string ToString() => Reader.IsShared ? Image.ToString() : $"{Image}, read with the pull secrets of namespace {Reader.Namespace}";
}

public static class ObservedImages
{
    /// <summary>What workloads of the namespace use: what was read with its own credentials, else what all share.</summary>
    public static T? For<T>(this IReadOnlyDictionary<ObservedImage, T> results, ImageReference image, string @namespace)
        where T : class =>
        results.GetValueOrDefault(new ObservedImage(image, new Reader(@namespace))) ?? results.GetValueOrDefault(new ObservedImage(image, Reader.Shared));
}
