using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>Builds small images: a config, one layer with the content, and a manifest.</summary>
internal sealed class ImageBuilder(ImageStore store)
{
    public Manifest Image(string repository, string? tag, string platform, string content)
    {
        var layer = Blob("application/vnd.oci.image.layer.v1.tar", content);
        var config = Platform(platform);
        // The config includes the repository, so that the same content in two repositories gives two digests, as separate builds would.
        config["config"] = new JsonObject { ["Labels"] = new JsonObject { ["sandbox.repository"] = repository } };
        config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray((string)layer["digest"]!) };
        return Put(repository, tag, MediaTypes.OciManifest, new JsonObject
        {
            ["config"] = Blob("application/vnd.oci.image.config.v1+json", config.ToJsonString()),
            ["layers"] = new JsonArray(layer),
        });
    }

    /// <param name="attestation">Content of an attestation entry with platform unknown/unknown, as BuildKit adds it.</param>
    public Manifest Index(string repository, string tag, IEnumerable<PlatformImage> images, string? attestation)
    {
        var entries = images.Select(image => Entry(Image(repository, tag: null, image.Platform, image.Content), image.Platform)).ToList();
        if (attestation is not null)
        {
            var entry = Entry(Image(repository, tag: null, "unknown/unknown", attestation), "unknown/unknown");
            entry["annotations"] = new JsonObject
            {
                ["vnd.docker.reference.digest"] = (string)entries[0]["digest"]!,
                ["vnd.docker.reference.type"] = "attestation-manifest",
            };
            entries.Add(entry);
        }

        return Put(repository, tag, MediaTypes.OciIndex, new JsonObject { ["manifests"] = new JsonArray([.. entries]) });
    }

    private static JsonObject Entry(Manifest manifest, string platform)
    {
        var entry = Descriptor(manifest.MediaType, manifest.Bytes.Span);
        entry["platform"] = Platform(platform);
        return entry;
    }

    private static JsonObject Platform(string platform)
    {
        var parts = platform.Split('/');
        var node = new JsonObject { ["architecture"] = parts[1], ["os"] = parts[0] };
        if (parts.Length > 2) node["variant"] = parts[2];
        return node;
    }

    private static JsonObject Descriptor(string mediaType, ReadOnlySpan<byte> bytes) =>
        new() { ["mediaType"] = mediaType, ["digest"] = Digests.Of(bytes), ["size"] = bytes.Length };

    private JsonObject Blob(string mediaType, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        store.Blobs[Digests.Of(bytes)] = bytes;
        return Descriptor(mediaType, bytes);
    }

    private Manifest Put(string repository, string? tag, string mediaType, JsonObject node)
    {
        node["schemaVersion"] = 2;
        node["mediaType"] = mediaType;
        return store.Put(repository, tag, mediaType, Encoding.UTF8.GetBytes(node.ToJsonString()));
    }
}
