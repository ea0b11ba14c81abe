using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace ImageUpdater.Core.Images;

/// <summary>
/// An image as a workload names it, by the grammar of distribution/reference, in its normal form:
/// <c>nginx</c> is <c>docker.io/library/nginx:latest</c>.
/// </summary>
public sealed partial record ImageReference : IComparable<ImageReference>
{
    public const string DockerHub = "docker.io";

    private const int MaxPathLength = 255;
    private const int IdentifierLength = 64;
    private const int MaxTextLength = 4096;
    private const string DefaultTag = "latest";

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private ImageReference(string registry, string repository, string? tag, Digest? digest)
    {
        Registry = registry;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>Host and optional port, as written; Docker Hub is <see cref="DockerHub"/>.</summary>
    public string Registry { get; }

    /// <summary>The path within the registry, for example <c>library/nginx</c>.</summary>
    public string Repository { get; }

    /// <summary>Null only where the reference names a digest and no tag.</summary>
    public string? Tag { get; }

    public Digest? Digest { get; }

    /// <summary>A digest fixes the content: the runtime uses it, whatever the tag beside it serves.</summary>
    [MemberNotNullWhen(true, nameof(Digest))]
    public bool IsPinned => Digest is not null;

    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageReference? reference) =>
        (reference = Parse(text).Value) is not null;

    /// <summary>The reference, or one message that says why the text is invalid.</summary>
    public static Result<ImageReference, string> Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "the image is empty";
        if (text.Length > MaxTextLength)
            return $"the image is {text.Length} characters long";
        if (text.Length == IdentifierLength && !text.AsSpan().ContainsAnyExcept(LowerHex))
            return $"'{text}' is an image id, not a name";

        var (registry, remainder) = SplitRegistry(text);
        var match = Remainder().Match(remainder);
        if (!match.Success || !Host().IsMatch(registry))
            return $"'{UntrustedText.Bound(text)}' is not a valid image reference";

        var path = match.Groups["path"].Value;
        if (registry == DockerHub && !path.Contains('/'))
            path = "library/" + path;
        if (path.Length > MaxPathLength)
            return $"'{UntrustedText.Bound(text)}' has a repository of more than {MaxPathLength} characters";

        Digest? digest = null;
        if (match.Groups["digest"] is { Success: true, Value: var digestText } && !Images.Digest.TryParse(digestText, out digest))
            return $"'{UntrustedText.Bound(text)}' has an invalid digest";

        var tag = match.Groups["tag"] is { Success: true, Value: var tagText } ? tagText : digest is null ? DefaultTag : null;
        return new ImageReference(registry, path, tag, digest);
    }

    /// <summary>The same repository, at one content.</summary>
    public ImageReference AtDigest(Digest digest) => new(Registry, Repository, tag: null, digest);

    /// <summary>The tag, without the digest beside it.</summary>
    public ImageReference WithoutDigest() => new(Registry, Repository, Tag ?? DefaultTag, digest: null);

    public int CompareTo(ImageReference? other) => string.CompareOrdinal(ToString(), other?.ToString());

    /// <summary>The normal form, which parses to an equal reference.</summary>
    public override string ToString() =>
        $"{Registry}/{Repository}{(Tag is null ? "" : ":" + Tag)}{(Digest is null ? "" : "@" + Digest)}";

    private static (string Registry, string Remainder) SplitRegistry(string text)
    {
        var slash = text.IndexOf('/');
        if (slash < 0)
            return (DockerHub, text);

        var first = text[..slash];
        var isRegistry = first.AsSpan().ContainsAny('.', ':') || first == "localhost" || first.AsSpan().ContainsAnyInRange('A', 'Z');
        if (!isRegistry)
            return (DockerHub, text);

        return (first == "index.docker.io" ? DockerHub : first, text[(slash + 1)..]);
    }

    // Atomic groups (?>…) keep matching linear in the text, whatever an annotation or a manifest contains. Source-generated, because the
    // engine without backtracking is built at every start.
    [GeneratedRegex(
        @"\A(?:(?>[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*(?:\.[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*)*)|\[(?>[a-fA-F0-9:]+)\])(?>(?::[0-9]+)?)\z",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Host();

    [GeneratedRegex(
        @"\A(?<path>(?>[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*))"
        + @"(?::(?<tag>(?>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})))?(?:@(?<digest>(?>[A-Za-z0-9_+.:-]+)))?\z",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Remainder();
}
