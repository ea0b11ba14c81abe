using ImageUpdater.Http;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>How a host is reached.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Proxy">Host and port of the proxy; null for none.</param>
/// <param name="IsConfigured">The proxy is set for this host, and not by the environment.</param>
internal sealed record ProxiedHost(string Name, Uri Address, string? Proxy, bool IsConfigured)
{
    public static ProxiedHost Of(string name, Uri address, ProxyChoice choice) => new(name, address, choice.For(address), choice.Proxy is not null);
}

/// <summary>Which proxy applies to which host, and which variable says so.</summary>
internal static class ProxyChecker
{
    public static IEnumerable<Finding> Of(ProxiedHost? cluster, IReadOnlyList<ProxiedHost> registries, IReadOnlyDictionary<string, string> environment)
    {
        var through = registries.Where(host => host.Proxy is not null).ToList();
        if (cluster?.Proxy is not null)
        {
            yield return cluster.IsConfigured
                ? new Finding(DoctorCheck.Proxy, FindingStatus.Ok, Line(cluster, environment))
                : new Finding(
                    DoctorCheck.Proxy, FindingStatus.Warning, Line(cluster, environment),
                    $"unless it can't be reached otherwise, add {cluster.Address.IdnHost} to NO_PROXY: many proxies cut the watches off");
        }

        foreach (var host in through)
            yield return new Finding(DoctorCheck.Proxy, FindingStatus.Ok, Line(host, environment), host.IsConfigured ? null : $"for a direct connection, add {host.Address.IdnHost} to NO_PROXY");
        if (cluster?.Proxy is null && through.Count == 0)
            yield return new Finding(DoctorCheck.Proxy, FindingStatus.Ok, "the Kubernetes API and the registries are reached without a proxy");
    }

    private static string Line(ProxiedHost host, IReadOnlyDictionary<string, string> environment) =>
        $"{host.Name} ({host.Address.Authority}) is reached through {host.Proxy} ({(host.IsConfigured ? "as configured for it" : Variable(host.Address, environment))})";

    // In the order in which .NET reads them.
    private static string Variable(Uri address, IReadOnlyDictionary<string, string> environment)
    {
        string[] names = address.Scheme == Uri.UriSchemeHttps ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] : ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
        return Array.Find(names, name => environment.GetValueOrDefault(name) is { Length: > 0 }) ?? "the system's settings";
    }
}
