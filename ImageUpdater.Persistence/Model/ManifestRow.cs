using ImageUpdater.Core.Images;

namespace ImageUpdater.Persistence.Model;

/// <summary>A manifest, content-addressed: what is known of it is only added to.</summary>
internal sealed class ManifestRow
{
    public required Digest Digest { get; set; }

    public required string MediaType { get; set; }

    public Digest? ConfigDigest { get; set; }

    /// <summary>What a manifest of one platform is built for, <c>os/architecture/variant</c>; null if that is not known.</summary>
    public string? Platform { get; set; }

    /// <summary>The entries of an index, as JSON; null for a manifest of one platform.</summary>
    public string? Children { get; set; }

    public static ManifestRow Of(Manifest manifest) => new()
    {
        Digest = manifest.Digest,
        MediaType = manifest.MediaType,
        ConfigDigest = manifest.Config,
        Platform = manifest.Platform?.ToString(),
        Children = manifest.Children is null ? null : StoredJson.Write(manifest.Children),
    };

    /// <summary>Adds what was not known when the row was written: first only the media type is, from a check.</summary>
    public void Take(Manifest manifest)
    {
        ConfigDigest ??= manifest.Config;
        Platform ??= manifest.Platform?.ToString();
        Children ??= manifest.Children is null ? null : StoredJson.Write(manifest.Children);
    }

    public Manifest ToManifest() => UnreadableRecordException.Reading($"manifest {Digest}", Read);

    private Manifest Read() =>
        new(Digest, MediaType, ConfigDigest, Children is null ? null : StoredJson.ReadChildren(Children)) { Platform = PlatformOf(Platform) };

    private static Platform? PlatformOf(string? text) => text?.Split('/', 3) switch
    {
        null => null,
        [var os, var architecture] => new Platform(os, architecture),
        [var os, var architecture, var variant] => new Platform(os, architecture, variant),
        _ => throw new UnreadableValueException($"'{text}' is not a platform."),
    };
}
