using System.Text.RegularExpressions;

namespace ImageUpdater.Registry;

/// <summary>
/// Another host that serves a registry's images, configured in <c>ImageUpdater:Registries:0:Mirrors:0</c>… It receives its own credentials
/// only, never the registry's.
/// </summary>
internal sealed record RegistryMirror : EndpointOptions
{
    /// <summary>Address of the mirror's API: <c>https://mirror.example.com</c>, <c>http://10.0.0.5:5000/v2/docker-hub</c>. A path replaces /v2.</summary>
    public string Url { get; init; } = "";

    /// <summary>Rewrites repository names to those on the mirror. The first rewrite that changes the name is used.</summary>
    internal IReadOnlyList<RepositoryRewrite> Rewrites { get; init; } = [];

    /// <summary>Base address of the API; null if <see cref="Url"/> is not a valid address.</summary>
    internal Uri? Address => RegistryAddress.Parse(Url, defaultScheme: null);

    // Host and port only: the address could contain a password.
    protected override string Label => Address?.Authority ?? "a mirror";

    public string RepositoryOf(string repository)
    {
        foreach (var rewrite in Rewrites)
        {
            var other = rewrite.Apply(repository);
            if (other != repository)
                return other;
        }

        return repository;
    }
}

/// <param name="Pattern">NonBacktracking, so that matching takes linear time for any pattern.</param>
internal sealed partial record RepositoryRewrite(Regex Pattern, string Replacement)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Pattern and replacement are in Go's syntax, which differs from .NET's in named groups. Null if the pattern is invalid.</summary>
    public static RepositoryRewrite? Parse(string pattern, string replacement)
    {
        try
        {
            var expression = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
            return new RepositoryRewrite(new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Limit), replacement);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    public string Apply(string repository)
    {
        try
        {
            return Pattern.Replace(repository, match => Reference().Replace(Replacement, reference => Value(match, reference)));
        }
        catch (RegexMatchTimeoutException)
        {
            return repository;
        }
    }

    // As in Go's Regexp.Expand: $name is as long as possible, so that $1_x is the group "1_x", and an unknown group is empty.
    private static string Value(Match match, Match reference) =>
        reference.Value == "$$" ? "$" : match.Groups[reference.Groups["name"].Value].Value;

    [GeneratedRegex(@"\$\$|\$(?<name>[0-9A-Za-z_]+)|\$\{(?<name>[0-9A-Za-z_]+)\}", RegexOptions.NonBacktracking, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
