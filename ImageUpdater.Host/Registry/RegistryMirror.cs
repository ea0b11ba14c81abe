using System.Text.RegularExpressions;

namespace ImageUpdater.Host.Registry;

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

    /// <summary>Where the API begins; null where <see cref="Url"/> is no address.</summary>
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
internal sealed record RepositoryRewrite(Regex Pattern, string Replacement)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Null where the pattern is none.</summary>
    public static RepositoryRewrite? Parse(string pattern, string replacement)
    {
        try
        {
            return new RepositoryRewrite(new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Limit), replacement);
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
            return Pattern.Replace(repository, Replacement);
        }
        catch (RegexMatchTimeoutException)
        {
            return repository;
        }
    }
}
