using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Bodies;

/// <summary>The fields that are read of an image index or manifest, in the formats of OCI and Docker.</summary>
internal sealed class ManifestScan : JsonScan
{
    /// <summary>The limit for the entries of an index, attestations included. The largest of Docker's official images have fewer than 30.</summary>
    public const int MaxEntries = 1000;

    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";
    private const string Attestation = "attestation-manifest";
    private const int MaxShown = 64;

    /// <summary>Indexes come first: some registries send the first type that they can, and a manifest would be for one platform only.</summary>
    public static readonly IReadOnlyList<string> MediaTypes =
    [
        OciIndex,
        "application/vnd.docker.distribution.manifest.list.v2+json",
        OciManifest,
        "application/vnd.docker.distribution.manifest.v2+json",
    ];

    private readonly HashSet<Platform> platforms = [];

    // The names that lead to the current value, by depth: manifests[] has no name of its own.
    private readonly Field[] path = new Field[5];

    private bool isObject;
    private string? mediaType;
    private int? schemaVersion;
    private bool hasConfig;
    private string? config;
    private List<IndexEntry>? children;
    private int entries;
    private bool hasInvalidEntry;
    private Entry entry;

    private enum Field
    {
        Other,
        MediaType,
        SchemaVersion,
        Config,
        Manifests,
        Digest,
        Platform,
        Annotations,
        Os,
        Architecture,
        Variant,
        ReferenceType,
    }

    public override bool IsOver => entries > MaxEntries;

    public static bool IsKnown([NotNullWhen(true)] string? mediaType) => mediaType is not null && MediaTypes.Contains(mediaType);

    /// <summary>The manifest, or the rest of a message that starts with the registry's name.</summary>
    /// <param name="contentType">Content-Type of the response; used only if the document has no mediaType or an empty one, which the digest covers.</param>
    public Result<Manifest, string> ToManifest(Digest digest, string? contentType)
    {
        if (IsOver)
            return $"sent an index with more than {MaxEntries} entries";
        if (IsTooLong)
            return $"sent a manifest with a value of more than {MaxValue / 1024} KiB";
        if (IsMalformed)
            return "sent a manifest that is not valid JSON";

        // Schema 1 manifests are signed anew for every response, so the hash of the bytes is not the digest.
        if (!isObject || schemaVersion is not (null or 2))
            return "sent a document that is not an image manifest of schema version 2";
        if (children is not null && hasConfig)
            return "sent a document that is both an index and a manifest";

        var type = mediaType is { Length: > 0 } own ? own
            : IsKnown(contentType) ? contentType
            : children is null ? OciManifest : OciIndex;
        if (!IsKnown(type))
            return $"sent a manifest of the unknown type '{UntrustedText.Bound(type, MaxShown)}'";
        return Manifest.IsIndex(type) ? Index(digest, type) : Single(digest, type);
    }

    protected override void Token(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        if (depth >= path.Length)
            return;
        if (reader.TokenType == JsonTokenType.PropertyName)
            path[depth] = FieldOf(ref reader, depth);
        else if (depth == 0)
            isObject = reader.TokenType == JsonTokenType.EndObject || IsStart(ref reader, JsonTokenType.StartObject);
        else if (depth == 1 && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
            OfDocument(ref reader);
        else if (depth == 2 && (path[1], path[2]) == (Field.Config, Field.Digest))
            config = Text(ref reader);
        else if (depth > 1 && path[1] == Field.Manifests)
            OfIndex(ref reader, depth);
    }

    private static Field FieldOf(ref Utf8JsonReader reader, int depth) => depth switch
    {
        1 when reader.ValueTextEquals("mediaType"u8) => Field.MediaType,
        1 when reader.ValueTextEquals("schemaVersion"u8) => Field.SchemaVersion,
        1 when reader.ValueTextEquals("config"u8) => Field.Config,
        1 when reader.ValueTextEquals("manifests"u8) => Field.Manifests,
        2 or 3 when reader.ValueTextEquals("digest"u8) => Field.Digest,
        3 when reader.ValueTextEquals("platform"u8) => Field.Platform,
        3 when reader.ValueTextEquals("annotations"u8) => Field.Annotations,
        4 when reader.ValueTextEquals("os"u8) => Field.Os,
        4 when reader.ValueTextEquals("architecture"u8) => Field.Architecture,
        4 when reader.ValueTextEquals("variant"u8) => Field.Variant,
        4 when reader.ValueTextEquals("vnd.docker.reference.type"u8) => Field.ReferenceType,
        _ => Field.Other,
    };

    private void OfDocument(ref Utf8JsonReader reader)
    {
        switch (path[1])
        {
            case Field.MediaType:
                mediaType = Text(ref reader);
                break;
            case Field.SchemaVersion:
                schemaVersion = reader.TokenType == JsonTokenType.Null ? null : reader.TryGetInt32(out var version) ? version : throw new JsonException();
                break;
            case Field.Config:
                (hasConfig, config, path[2]) = (IsStart(ref reader, JsonTokenType.StartObject), null, Field.Other);
                break;
            case Field.Manifests:
                (children, hasInvalidEntry) = (IsStart(ref reader, JsonTokenType.StartArray) ? [] : null, false);
                break;
        }
    }

    private void OfIndex(ref Utf8JsonReader reader, int depth)
    {
        switch (depth)
        {
            case 2 when reader.TokenType == JsonTokenType.EndObject:
                Add(entry);
                break;
            case 2:
                entries++;
                entry = default;
                if (!IsStart(ref reader, JsonTokenType.StartObject))
                    hasInvalidEntry = true;
                break;
            case 3 when reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray:
                break;
            case 3 when path[3] == Field.Digest:
                entry.Digest = Text(ref reader);
                break;
            case 3 when path[3] == Field.Platform:
                _ = IsStart(ref reader, JsonTokenType.StartObject);
                (entry.Os, entry.Architecture, entry.Variant) = (null, null, null);
                break;
            case 3 when path[3] == Field.Annotations:
                _ = IsStart(ref reader, JsonTokenType.StartObject);
                entry.ReferenceType = null;
                break;
            case 4 when path[3] == Field.Platform:
                OfPlatform(ref reader);
                break;
            case 4 when (path[3], path[4]) == (Field.Annotations, Field.ReferenceType):
                entry.ReferenceType = Text(ref reader);
                break;
        }
    }

    private void OfPlatform(ref Utf8JsonReader reader)
    {
        switch (path[4])
        {
            case Field.Os:
                entry.Os = Text(ref reader);
                break;
            case Field.Architecture:
                entry.Architecture = Text(ref reader);
                break;
            case Field.Variant:
                entry.Variant = Text(ref reader);
                break;
        }
    }

    private void Add(Entry added)
    {
        if (!Digest.TryParse(added.Digest, out var digest))
            hasInvalidEntry = true;
        else if (added is not ({ Os: "unknown", Architecture: "unknown" } or { ReferenceType: Attestation }))
            children?.Add(new IndexEntry(digest, Shared(ImageConfig.PlatformOf(added.Os, added.Architecture, added.Variant))));
    }

    // The entries of an index often have few platforms.
    private Platform? Shared(Platform? platform)
    {
        if (platform is null || platforms.Add(platform))
            return platform;
        return platforms.TryGetValue(platform, out var same) ? same : platform;
    }

    private Result<Manifest, string> Single(Digest digest, string type) => Digest.TryParse(config, out var ownConfig)
        ? new Manifest(digest, type, ownConfig, Children: null)
        : "sent a manifest without a valid config digest";

    private Result<Manifest, string> Index(Digest digest, string type) =>
        children is null ? "sent an index without a list of manifests"
        : hasInvalidEntry ? "sent an index with an entry that has no valid digest"
        : new Manifest(digest, type, Config: null, children);

    private struct Entry
    {
        public string? Digest;
        public string? Os;
        public string? Architecture;
        public string? Variant;
        public string? ReferenceType;
    }
}
