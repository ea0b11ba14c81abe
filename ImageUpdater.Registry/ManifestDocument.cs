using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry;

/// <summary>The fields that are read of an image index or manifest, in the formats of OCI and Docker.</summary>
internal sealed record ManifestDocument(
    string? MediaType, int? SchemaVersion, DescriptorDocument? Config, IReadOnlyList<DescriptorDocument?>? Manifests)
{
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";
    private const string Attestation = "attestation-manifest";
    private const int MaxPlatformPart = 64;

    /// <summary>Indexes come first: some registries send the first type that they can, and a manifest would be for one platform only.</summary>
    public static readonly IReadOnlyList<string> MediaTypes =
    [
        OciIndex,
        "application/vnd.docker.distribution.manifest.list.v2+json",
        OciManifest,
        "application/vnd.docker.distribution.manifest.v2+json",
    ];

    /// <summary>The manifest, or the rest of a message that starts with the registry's name. Never throws.</summary>
    /// <param name="contentType">Content-Type of the response; used only if the document has no mediaType or an empty one, which the digest covers.</param>
    public static Result<Manifest, string> Parse(ReadOnlySpan<byte> body, Digest digest, string? contentType)
    {
        ManifestDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(body, ManifestJson.Default.ManifestDocument);
        }
        catch (JsonException)
        {
            return "sent a manifest that is not valid JSON";
        }

        // Schema 1 manifests are signed anew for every response, so the hash of the bytes is not the digest.
        if (document is null or { SchemaVersion: not (null or 2) })
            return "sent a document that is not an image manifest of schema version 2";
        if (document.Manifests is not null && document.Config is not null)
            return "sent a document that is both an index and a manifest";

        var mediaType = document.MediaType is { Length: > 0 } own ? own
            : IsKnown(contentType) ? contentType
            : document.Manifests is null ? OciManifest : OciIndex;
        if (!IsKnown(mediaType))
            return $"sent a manifest of the unknown type '{UntrustedText.Bound(mediaType, MaxPlatformPart)}'";
        return Manifest.IsIndex(mediaType) ? Index(document, digest, mediaType) : Single(document, digest, mediaType);
    }

    public static bool IsKnown([NotNullWhen(true)] string? mediaType) => mediaType is not null && MediaTypes.Contains(mediaType);

    private static Result<Manifest, string> Single(ManifestDocument document, Digest digest, string mediaType) =>
        Digest.TryParse(document.Config?.Digest, out var config)
            ? new Manifest(digest, mediaType, config, Children: null)
            : "sent a manifest without a valid config digest";

    private static Result<Manifest, string> Index(ManifestDocument document, Digest digest, string mediaType)
    {
        if (document.Manifests is null)
            return "sent an index without a list of manifests";

        var children = new List<IndexEntry>();
        foreach (var descriptor in document.Manifests)
        {
            if (descriptor is null || !Digest.TryParse(descriptor.Digest, out var child))
                return "sent an index with an entry that has no valid digest";
            if (!IsAttestation(descriptor))
                children.Add(new IndexEntry(child, PlatformOf(descriptor.Platform)));
        }

        return new Manifest(digest, mediaType, Config: null, children);
    }

    private static bool IsAttestation(DescriptorDocument descriptor) =>
        descriptor.Platform is { Os: "unknown", Architecture: "unknown" } || descriptor.Annotations?.ReferenceType == Attestation;

    internal static Platform? PlatformOf(PlatformDocument? platform) =>
        platform is { Os.Length: > 0, Architecture.Length: > 0 }
            ? new Platform(Part(platform.Os), Part(platform.Architecture), string.IsNullOrEmpty(platform.Variant) ? null : Part(platform.Variant))
            : null;

    private static string Part(string text) => UntrustedText.Bound(text, MaxPlatformPart);
}

/// <summary>The fields that are read of an image's config, in the formats of OCI and Docker.</summary>
internal sealed record ImageConfig(string? Os, string? Architecture, string? Variant)
{
    private const string Unknown = "unknown";

    /// <summary>Null if the config does not say: not every config is an image's.</summary>
    public Platform? Platform => Os == Unknown || Architecture == Unknown ? null : ManifestDocument.PlatformOf(new PlatformDocument(Os, Architecture, Variant));

    /// <summary>Never throws: what is not a config says nothing.</summary>
    public static ImageConfig Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ManifestJson.Default.ImageConfig) ?? new ImageConfig(Os: null, Architecture: null, Variant: null);
        }
        catch (JsonException)
        {
            return new ImageConfig(Os: null, Architecture: null, Variant: null);
        }
    }
}

internal sealed record DescriptorDocument(string? Digest, PlatformDocument? Platform, AnnotationsDocument? Annotations);

internal sealed record PlatformDocument(string? Os, string? Architecture, string? Variant);

internal sealed record AnnotationsDocument([property: JsonPropertyName("vnd.docker.reference.type")] string? ReferenceType);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 32)]
[JsonSerializable(typeof(ManifestDocument))]
[JsonSerializable(typeof(ImageConfig))]
internal sealed partial class ManifestJson : JsonSerializerContext;
