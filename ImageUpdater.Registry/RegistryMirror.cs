using System.Text.RegularExpressions;

namespace ImageUpdater.Registry;

/// <summary>
/// Another host that serves a registry's images, in <c>ImageUpdater:Registries:0:Mirrors:0</c>… It gets its own credentials
/// only, and nothing that is for the registry.
/// </summary>
internal sealed record RegistryMirror : EndpointOptions
{
    /// <summary>Address of its API: <c>https://mirror.example.com</c>, <c>http://10.0.0.5:5000/v2/docker-hub</c>. A path takes the place of /v2.</summary>
    public string Url { get; init; } = "";

    /// <summary>Names of repositories as they are there. The first that changes the name counts.</summary>
    internal IReadOnlyList<RepositoryRewrite> Rewrites { get; init; } = [];

    /// <summary>Where the API begins; null where <see cref="Url"/> is not a valid address.</summary>
    internal Uri? Address => RegistryAddress.Parse(Url, defaultScheme: null);

    // The authority alone: a user could have written a password into the address.
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

/// <param name="Pattern">Found in linear time, whatever the file says.</param>
internal sealed partial record RepositoryRewrite(Regex Pattern, string Replacement)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>In the syntax of Go, which is .NET's but for how groups are named. Null where the pattern is none.</summary>
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

    // As Go expands a template: $name is as long as it can be, so that $1_x is a group of the name "1_x". A group that is not there is empty.
    private static string Value(Match match, Match reference) =>
        reference.Value == "$$" ? "$" : match.Groups[reference.Groups["name"].Value].Value;

    [GeneratedRegex(@"\$\$|\$(?<name>[0-9A-Za-z_]+)|\$\{(?<name>[0-9A-Za-z_]+)\}", RegexOptions.NonBacktracking, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
