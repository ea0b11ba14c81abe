namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>
/// An image reference as far as a node needs it: where to ask, and for what. Deliberately not the product's parser.
/// </summary>
internal sealed record ImageName(string Host, string Repository, string? Tag, string? Digest)
{
    /// <summary>Without tag and digest, as repo digests begin.</summary>
    public string FullRepository => $"{Host}/{Repository}";

    /// <summary>As containerd writes it in container statuses.</summary>
    public string Normalized => FullRepository + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>A tag beside a digest does not count.</summary>
    public string Reference => Digest ?? Tag ?? "latest";

    public static ImageName Parse(string image)
    {
        string rest = image;
        string? digest = null;
        if (rest.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
        {
            digest = rest[(at + 1)..];
            rest = rest[..at];
        }

        string? tag = null;
        int colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
        }

        var host = "docker.io";
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && (rest[..slash] == "localhost" || rest.AsSpan(0, slash).ContainsAny(".:")))
        {
            host = rest[..slash];
            rest = rest[(slash + 1)..];
        }

        if (host == "docker.io" && !rest.Contains('/', StringComparison.Ordinal)) rest = "library/" + rest;
        return new ImageName(host, rest, tag is null && digest is null ? "latest" : tag, digest);
    }
}
