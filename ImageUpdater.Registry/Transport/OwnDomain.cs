using System.Net;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Which token servers may receive a registry's credentials: those of the registry's own domain, as in go-containerregistry
/// (auth.docker.io for registry-1.docker.io, gitlab.example.com for registry.example.com), and those that the user names. The realm of a
/// challenge is chosen by whoever answers as the registry.
/// </summary>
internal static class OwnDomain
{
    // Below these, every name may belong to somebody else. Not the whole public suffix list: 300 kB for names at which hardly a registry is.
    private static readonly string[] SharedSuffixes =
    [
        "svc.cluster.local", "github.io", "gitlab.io", "duckdns.org", "nip.io", "sslip.io", "ngrok.io", "ngrok.app", "ngrok-free.app", "herokuapp.com",
        "azurewebsites.net", "cloudapp.azure.com", "amazonaws.com", "aliyuncs.com", "run.app", "fly.dev", "workers.dev", "pages.dev", "netlify.app", "vercel.app",
    ];

    /// <param name="home">The registry's own address.</param>
    /// <param name="name">The registry as in image references; with an alias it is on another host.</param>
    /// <param name="named">Hosts that the user allows by name.</param>
    public static bool Includes(Uri realm, Uri home, string name, IReadOnlyList<string> named)
    {
        var host = realm.IdnHost;
        return Origin.IsSameHost(realm, home)
            || named.Contains(host, StringComparer.OrdinalIgnoreCase)
            || (Of(host) is { } domain && (domain == Of(home.IdnHost) || domain == Of(WithoutPort(name))));
    }

    /// <summary>The last two labels of the name, or one more than a suffix that many share. Null if it has none: an IP address, or one label.</summary>
    internal static string? Of(string host)
    {
        var labels = host.TrimEnd('.').ToLowerInvariant().Split('.');
        if (IPAddress.TryParse(host, out _) || labels.Length < 2)
            return null;

        var shared = SharedSuffixes.FirstOrDefault(suffix => ("." + string.Join('.', labels)).EndsWith("." + suffix, StringComparison.Ordinal))?.Count(letter => letter == '.') + 1
            ?? (IsCountrySuffix(labels[^2], labels[^1]) ? 2 : 1);
        return labels.Length > shared ? string.Join('.', labels[^(shared + 1)..]) : null;
    }

    // co.uk, com.br, ac.jp: two letters, below them a short word for a kind of organisation.
    private static bool IsCountrySuffix(string second, string top) => top.Length == 2 && second is "co" or "com" or "net" or "org" or "edu" or "gov" or "ac" or "or" or "ne" or "go";

    private static string WithoutPort(string name) => name.LastIndexOf(':') is > 0 and var colon && colon > name.LastIndexOf(']') ? name[..colon] : name;
}
