namespace ImageUpdater.Sandbox.Cluster;

/// <summary>An image reference as a node needs it: host, repository, tag and digest. Deliberately not the product's parser, which is under test.</summary>
internal sealed record ImageName(string Host, string Repository, string? Tag, string? Digest)
{
    /// <summary>Host and repository, which repo digests start with.</summary>
    public string FullRepository => $"{Host}/{Repository}";

    /// <summary>The form that containerd uses in container statuses.</summary>
    public string Normalized => FullRepository + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>The digest, if there is one, or else the tag.</summary>
    public string Reference => Digest ?? Tag ?? "latest";

    public static ImageName Parse(string image)
    {
        var parts = image.Split('@', 2);
        var (rest, digest) = (parts[0], parts.ElementAtOrDefault(1));
        string? tag = null;
        if (rest.LastIndexOf(':') is var colon && colon > rest.LastIndexOf('/')) (rest, tag) = (rest[..colon], rest[(colon + 1)..]);
        var host = "docker.io";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var hasHost = slash > 0 && (rest[..slash] == "localhost" || rest.AsSpan(0, slash).ContainsAny(".:"));
        if (hasHost) (host, rest) = (rest[..slash], rest[(slash + 1)..]);
        if (host == "docker.io" && !rest.Contains('/', StringComparison.Ordinal)) rest = "library/" + rest;
        return new ImageName(host, rest, tag is null && digest is null ? "latest" : tag, digest);
    }
}
