using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>One repository: manifests by digest, and tags that point at them.</summary>
internal sealed class Repository
{
    public ConcurrentDictionary<string, Manifest> Manifests { get; } = new();

    public ConcurrentDictionary<string, string> Tags { get; } = new();

    public Manifest? Find(string reference)
    {
        string? digest = Digests.IsDigest(reference) ? reference : Tags.GetValueOrDefault(reference);
        return digest is null ? null : Manifests.GetValueOrDefault(digest);
    }

    public void Put(Manifest manifest, string? tag)
    {
        Manifests[manifest.Digest] = manifest;
        if (tag is not null) Tags[tag] = manifest.Digest;
    }

    public bool Delete(string reference)
    {
        if (!Digests.IsDigest(reference)) return Tags.TryRemove(reference, out _);
        foreach (KeyValuePair<string, string> tag in Tags.Where(tag => tag.Value == reference)) Tags.TryRemove(tag);
        return Manifests.TryRemove(reference, out _);
    }
}
