using System.Net;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Which token servers may receive a registry's credentials: those of the registry's own domain, as in go-containerregistry
/// (auth.docker.io for registry-1.docker.io, gitlab.example.com for registry.example.com), and those that the user names. The realm of a
/// challenge is chosen by whoever answers as the registry.
/// </summary>
internal static class OwnDomain
{
    private const int HttpsPort = 443;

    // Below these, every name may belong to somebody else. Not the whole public suffix list: 300 kB for names at which hardly a registry is.
    private static readonly string[] SharedSuffixes =
    [
        "github.io", "gitlab.io", "duckdns.org", "ngrok.io", "ngrok.app", "ngrok-free.app", "herokuapp.com", "fly.dev", "workers.dev", "pages.dev",
        "netlify.app", "vercel.app", "onrender.com", "ondigitalocean.app", "trycloudflare.com", "ts.net", "azurecr.io", "azurewebsites.net", "cloudfront.net",
        "jfrog.io", "aliyuncs.com", "tencentcloudcr.com", "myhuaweicloud.com", "ddns.net", "dyndns.org", "no-ip.org", "synology.me", "myqnapcloud.com",
    ];

    // Below these, names of several owners also share what comes before the suffix: a region, or the end of an IP address.
    private static readonly string[] SharedAtEveryLevel =
    [
        "amazonaws.com", "compute.internal", "ec2.internal", "cloudapp.azure.com", "run.app", "googleusercontent.com", "scw.cloud", "ovh.net", "your-server.de",
        "nip.io", "sslip.io", "xip.io", "traefik.me",
    ];

    /// <param name="home">The registry's own address.</param>
    /// <param name="name">The registry as in image references; with an alias it is on another host.</param>
    /// <param name="named">Hosts that the user allows by name.</param>
    public static bool Includes(Uri realm, Uri home, string name, IReadOnlyList<string> named)
    {
        var host = realm.IdnHost;
        if (named.Contains(host, StringComparer.OrdinalIgnoreCase))
            return true;
        return Origin.IsSameHost(realm, home)
            ? IsOwnPort(realm, home)
            : Of(host) is { } domain && (domain == Of(home.IdnHost) || domain == Of(WithoutPort(name)));
    }

    /// <summary>The last two labels of the name, or one more than a suffix that many share. Null if it has none: an IP address, one label, or a suffix shared at every level.</summary>
    internal static string? Of(string host)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        var labels = name.Split('.');
        if (IPAddress.TryParse(host, out _) || labels.Length < 2 || SharedAtEveryLevel.Any(suffix => IsBelow(name, suffix)))
            return null;

        // SERVICE.NAMESPACE.svc and what a cluster adds; the same for pods.
        if (Array.FindIndex(labels, label => label is "svc" or "pod") is >= 2 and var kind)
            return string.Join('.', labels[(kind - 1)..]);

        var shared = SharedSuffixes.FirstOrDefault(suffix => IsBelow(name, suffix))?.Count(letter => letter == '.') + 1
            ?? (IsCountrySuffix(labels[^2], labels[^1]) ? 2 : 1);
        return labels.Length > shared ? string.Join('.', labels[^(shared + 1)..]) : null;
    }

    // Another process of the host may listen on any other port. Over HTTPS it is the registry that names it; without, whoever is on the network path.
    private static bool IsOwnPort(Uri realm, Uri home) =>
        realm.Port == home.Port || realm.Port == HttpsPort || (realm.Scheme == Uri.UriSchemeHttps && home.Scheme == Uri.UriSchemeHttps);

    private static bool IsBelow(string name, string suffix) => name == suffix || name.EndsWith("." + suffix, StringComparison.Ordinal);

    // co.uk, com.br, ac.jp: two letters, below them a short word for a kind of organisation.
    private static bool IsCountrySuffix(string second, string top) => top.Length == 2 && second is "co" or "com" or "net" or "org" or "edu" or "gov" or "ac" or "or" or "ne" or "go";

    private static string WithoutPort(string name) => name.LastIndexOf(':') is > 0 and var colon && colon > name.LastIndexOf(']') ? name[..colon] : name;
}
