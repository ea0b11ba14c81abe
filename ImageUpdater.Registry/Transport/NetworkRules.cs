using System.Net;
using System.Net.Sockets;

namespace ImageUpdater.Registry.Transport;

/// <param name="Refusal">Null where the target is allowed, else the reason as the end of a message.</param>
/// <param name="Addresses">
/// The addresses that were checked. A name may resolve differently later, so only these are connected to. Null if the user named the host.
/// </param>
internal sealed record Verdict(string? Refusal, IReadOnlyList<IPAddress>? Addresses);

/// <summary>
/// Restricts the token servers and redirects that a registry may send us to. Without it a malicious registry could make us query the
/// cloud's metadata service, or send a password unencrypted.
/// </summary>
internal static class NetworkRules
{
    /// <summary>The end of a refusal that the user can allow by configuration.</summary>
    public const string PrivateAddress = ", a private address that is not the registry's";

    // 168.63.129.16 is the host of an Azure machine, and answers its guests only.
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3", "::/96", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Whether the address, and each address that it carries, is one of the public internet.</summary>
    public static bool IsPublic(IPAddress address) => CarriedAddresses.In(address).All(reached => !NotPublic.Any(network => network.Contains(reached)));

    /// <param name="home">The registry's own address, from the user's configuration and the image's name.</param>
    /// <param name="named">Hosts that the user allows by name, wherever they are.</param>
    public static async Task<Verdict> CheckAsync(Uri target, Uri home, IReadOnlyList<string> named, CancellationToken cancellationToken)
    {
        var isKnown = Origin.IsSameHost(target, home) || named.Contains(target.IdnHost, StringComparer.OrdinalIgnoreCase);
        if (target.Scheme != Uri.UriSchemeHttps && !(target.Scheme == Uri.UriSchemeHttp && home.Scheme == Uri.UriSchemeHttp && isKnown))
            return new Verdict($"{target.Authority} without HTTPS", Addresses: []);
        if (isKnown)
            return new Verdict(Refusal: null, Addresses: null);

        var addresses = await AddressesAsync(target, cancellationToken);
        if (addresses.All(IsPublic))
            return new Verdict(Refusal: null, addresses);

        var own = await AddressesAsync(home, cancellationToken);
        return addresses.All(address => IsPublic(address) || own.Contains(address) || (IPAddress.IsLoopback(address) && own.Any(IPAddress.IsLoopback)))
            ? new Verdict(Refusal: null, addresses)
            : new Verdict($"{target.Authority}{PrivateAddress}", Addresses: []);
    }

    // A name that can't be resolved here may still be resolved by the proxy; without a proxy the connection fails.
    private static async Task<IPAddress[]> AddressesAsync(Uri uri, CancellationToken cancellationToken)
    {
        // A proxy may take an address with a final dot for the address.
        if (IPAddress.TryParse(uri.IdnHost.TrimEnd('.'), out var literal))
            return [literal];

        try
        {
            return await Dns.GetHostAddressesAsync(uri.IdnHost, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return [];
        }
    }
}
