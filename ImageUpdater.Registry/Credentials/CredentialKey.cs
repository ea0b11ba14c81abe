using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// A key of <c>auths</c>, parsed as the kubelet does (kubernetes pkg/credentialprovider/keyring.go): <c>https://index.docker.io/v1/</c>,
/// <c>*.example.io</c>, <c>registry.example.com:5000/team</c>.
/// </summary>
/// <param name="Labels">The host's labels, which dots separate.</param>
/// <param name="Port">Empty if the key has no port.</param>
/// <param name="Path">Prefix of the repositories that the key is for; empty for all.</param>
internal sealed record CredentialKey(IReadOnlyList<string> Labels, string Port, string Path)
{
    private const int MaxLength = 1024;

    // A host that starts with a bracket is an IPv6 address, not a character class.
    private readonly bool isGlob = !Labels[0].StartsWith('[') && Labels.Any(label => label.AsSpan().ContainsAny("*?["));

    public static CredentialKey? Parse(string text)
    {
        text = text.Trim();
        if (text.Length is 0 or > MaxLength)
            return null;

        var rest = text;
        foreach (var scheme in (ReadOnlySpan<string>)["https://", "http://"])
        {
            if (rest.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                rest = rest[scheme.Length..];
        }

        var slash = rest.IndexOf('/');
        var (host, port) = SplitPort(slash < 0 ? rest : rest[..slash]);
        if (host.Length == 0)
            return null;

        if (port.Length == 0 && string.Equals(host, "index.docker.io", StringComparison.OrdinalIgnoreCase))
            host = ImageReference.DockerHub;
        return new CredentialKey(host.Split('.'), port, slash < 0 ? "" : WithoutVersion(rest[slash..]).TrimStart('/'));
    }

    /// <summary>Which of the items have a key that matches the image. The path is a plain prefix, as in the kubelet: <c>team</c> also matches <c>teams/app</c>.</summary>
    public static IEnumerable<T> Matching<T>(ImageReference image, IEnumerable<T> items, Func<T, CredentialKey> keyOf)
    {
        // Once, not for each of what may be thousands of keys.
        var (host, port) = SplitPort(image.Registry);
        var labels = host.Split('.');
        return items.Where(item => keyOf(item).Matches(labels, port, image.Repository));
    }

    public bool Matches(ImageReference image) => Matching(image, [this], key => key).Any();

    /// <summary>Sort key, more specific first: a host name before a pattern, then the longer path.</summary>
    public (int Pattern, int PathLength) Specificity => (isGlob ? 1 : 0, -Path.Length);

    public override string ToString() => string.Join('.', Labels) + (Port.Length > 0 ? ":" + Port : "") + (Path.Length > 0 ? "/" + Path : "");

    private bool Matches(string[] labels, string port, string repository)
    {
        if (port != Port || labels.Length != Labels.Count || !repository.StartsWith(Path, StringComparison.Ordinal))
            return false;

        for (var i = 0; i < labels.Length; i++)
        {
            if (!(isGlob ? HostPattern.Matches(Labels[i], labels[i]) : string.Equals(Labels[i], labels[i], StringComparison.OrdinalIgnoreCase)))
                return false;
        }

        return true;
    }

    private static string WithoutVersion(string path) =>
        path is "/v1" or "/v2" || path.StartsWith("/v1/", StringComparison.Ordinal) || path.StartsWith("/v2/", StringComparison.Ordinal)
            ? path[3..]
            : path;

    private static (string Host, string Port) SplitPort(string authority)
    {
        var colon = authority.LastIndexOf(':');
        var isPort = colon >= 0 && colon > authority.LastIndexOf(']');
        return isPort ? (authority[..colon], authority[(colon + 1)..]) : (authority, "");
    }
}
