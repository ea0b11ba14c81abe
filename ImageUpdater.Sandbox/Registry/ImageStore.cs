using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>The contents of one registry. Blobs are shared by its repositories.</summary>
internal sealed class ImageStore
{
    private readonly ConcurrentDictionary<(string Repository, string Reference), Manifest> manifests = new();

    public ConcurrentDictionary<string, ReadOnlyMemory<byte>> Blobs { get; } = new();

    /// <param name="reference">A tag or a digest.</param>
    public Manifest? Find(string repository, string reference) => manifests.GetValueOrDefault((repository, reference));

    public Manifest Put(string repository, string? tag, string mediaType, ReadOnlyMemory<byte> bytes)
    {
        var manifest = new Manifest(Digests.Of(bytes.Span), mediaType, bytes);
        manifests[(repository, manifest.Digest)] = manifest;
        if (tag is not null) manifests[(repository, tag)] = manifest;
        return manifest;
    }
}
