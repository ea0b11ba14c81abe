using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>Makes small images: a config, one layer that holds the content, and a manifest over them.</summary>
internal sealed class ImageBuilder(ImageStore store)
{
    public Manifest Image(string repository, string platform, string content)
    {
        string[] parts = platform.Split('/');
        (string layer, int layerSize) = Blob(Encoding.UTF8.GetBytes(content));
        var config = new JsonObject
        {
            ["architecture"] = parts[1],
            ["os"] = parts[0],
            // The repository is part of the image, so that equal contents in two repositories are two images, as builds are.
            ["config"] = new JsonObject { ["Labels"] = new JsonObject { ["sandbox.repository"] = repository } },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(layer) },
        };
        if (parts.Length > 2) config["variant"] = parts[2];
        (string configDigest, int configSize) = Blob(Encoding.UTF8.GetBytes(config.ToJsonString()));
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Descriptor(MediaTypes.OciConfig, configDigest, configSize),
            ["layers"] = new JsonArray(Descriptor(MediaTypes.OciLayer, layer, layerSize)),
        };
        return Store(repository, MediaTypes.OciManifest, manifest, tag: null);
    }

    public Manifest Index(string repository, string tag, IEnumerable<PlatformImage> images, string? attestation)
    {
        var entries = new JsonArray();
        Manifest? first = null;
        foreach (PlatformImage image in images)
        {
            Manifest manifest = Image(repository, image.Platform, image.Content);
            first ??= manifest;
            entries.Add(Entry(manifest, image.Platform));
        }

        if (attestation is not null && first is not null)
        {
            // As BuildKit writes them: an entry of its own, for a platform that is none.
            JsonObject entry = Entry(Image(repository, "unknown/unknown", attestation), "unknown/unknown");
            entry["annotations"] = new JsonObject
            {
                ["vnd.docker.reference.digest"] = first.Digest,
                ["vnd.docker.reference.type"] = "attestation-manifest",
            };
            entries.Add(entry);
        }

        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = entries };
        return Store(repository, MediaTypes.OciIndex, index, tag);
    }

    private static JsonObject Entry(Manifest manifest, string platform)
    {
        string[] parts = platform.Split('/');
        var node = new JsonObject { ["architecture"] = parts[1], ["os"] = parts[0] };
        if (parts.Length > 2) node["variant"] = parts[2];
        JsonObject entry = Descriptor(manifest.MediaType, manifest.Digest, manifest.Bytes.Length);
        entry["platform"] = node;
        return entry;
    }

    private static JsonObject Descriptor(string mediaType, string digest, int size) =>
        new() { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = size };

    private Manifest Store(string repository, string mediaType, JsonObject node, string? tag)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(node.ToJsonString());
        var manifest = new Manifest(Digests.Of(bytes), mediaType, bytes);
        store.Open(repository).Put(manifest, tag);
        return manifest;
    }

    private (string Digest, int Size) Blob(byte[] bytes)
    {
        string digest = Digests.Of(bytes);
        store.Blobs[digest] = bytes;
        return (digest, bytes.Length);
    }
}
