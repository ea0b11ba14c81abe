namespace ImageUpdater.Core.Images;

/// <summary>What is known of a manifest's content. It never changes: the digest is its address.</summary>
/// <param name="Config">The config of a single-platform manifest, which some runtimes report in its stead.</param>
/// <param name="Children">The entries of an index, attestations left out; null for a single-platform manifest.</param>
public sealed record Manifest(Digest Digest, string MediaType, Digest? Config, IReadOnlyList<IndexEntry>? Children)
{
    /// <summary>What a single-platform manifest is built for, according to its config; null if that is not known. Then it counts for every platform.</summary>
    public Platform? Platform { get; init; }

    /// <summary>False if only the media type is known, from a check.</summary>
    public bool IsRead => Config is not null || Children is not null;

    public static bool IsIndex(string? mediaType) =>
        mediaType is "application/vnd.oci.image.index.v1+json" or "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>The manifests that a node of this platform may run, in a fixed order.</summary>
    public IReadOnlyList<Digest> For(Platform platform)
    {
        if (Children is null)
            return Platform is null || platform.MayRun(Platform) || platform.FallsBackTo(Platform) ? [Digest] : [];

        // Plain loops: a plan asks this of every image that changed, twice for each platform.
        var hasOwn = false;
        for (var i = 0; i < Children.Count && !hasOwn; i++)
            hasOwn = Children[i].Platform is { } own && platform.MayRun(own);

        var found = new List<Digest>(1);
        for (var i = 0; i < Children.Count; i++)
        {
            var child = Children[i];
            var runs = child.Platform is null || (hasOwn ? platform.MayRun(child.Platform) : platform.FallsBackTo(child.Platform));
            if (runs && !found.Contains(child.Digest))
                found.Add(child.Digest);
        }

        found.Sort();
        return found;
    }
}

/// <param name="Platform">Null where the index does not say: then it counts for every platform.</param>
public sealed record IndexEntry(Digest Digest, Platform? Platform);
