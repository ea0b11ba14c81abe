using ImageUpdater.Core.Images;

namespace ImageUpdater.Persistence.Model;

/// <summary>A manifest, content-addressed: never changed.</summary>
internal sealed class ManifestRow
{
    public required Digest Digest { get; set; }

    public required string MediaType { get; set; }

    public Digest? ConfigDigest { get; set; }

    /// <summary>The entries of an index, as JSON; null for a manifest of one platform.</summary>
    public string? Children { get; set; }

    public static ManifestRow Of(Manifest manifest) => new()
    {
        Digest = manifest.Digest,
        MediaType = manifest.MediaType,
        ConfigDigest = manifest.Config,
        Children = manifest.Children is null ? null : StoredJson.Write(manifest.Children),
    };

    public Manifest ToManifest() =>
        new(Digest, MediaType, ConfigDigest, Children is null ? null : StoredJson.ReadChildren(Children));
}
