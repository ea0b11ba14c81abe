using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// Where the web endpoints listen. Written as HOST:PORT, like Prometheus' <c>--web.listen-address</c>, or as ASP.NET's URL with <c>http</c>.
/// A host name would have to be resolved, and its address could change; so there is none but <c>localhost</c>.
/// </summary>
/// <param name="Address">Null for <c>localhost</c> (127.0.0.1 and ::1), and for all addresses (IPv4 and IPv6).</param>
internal sealed record ListenAddress(IPAddress? Address, bool IsLocalhost, int Port)
{
    private const string Scheme = "http://";
    private const string Use = "use HOST:PORT, for example localhost:8080, 10.0.0.5:8080 or [::1]:8080, or :8080 for all addresses";

    /// <summary>The address at which a program on this machine reaches it.</summary>
    public Uri Url => new UriBuilder(Uri.UriSchemeHttp, Address is null || Address.Equals(IPAddress.Any) ? "localhost" : Address.ToString(), Port).Uri;

    public static ListenAddress AllAt(int port) => new(Address: null, IsLocalhost: false, port);

    public static ListenAddress LocalhostAt(int port) => new(Address: null, IsLocalhost: true, port);

    public static Result<ListenAddress, string> Parse(string text)
    {
        var given = text.Trim();
        var invalid = $"invalid address '{UntrustedText.Bound(given, 80)}'";
        if (given.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return $"{invalid}: the web endpoints do not serve TLS; use http, and a proxy or an Ingress with TLS";
        if (given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            given = given[Scheme.Length..].TrimEnd('/');

        var colon = given.LastIndexOf(':');
        var host = colon < 0 ? given : given[..colon];
        if (!host.StartsWith('[') && host.Contains(':'))
            return $"{invalid}: an IPv6 address needs brackets; use for example [::1]:8080";
        if (colon < 0 || !int.TryParse(given.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            return $"{invalid}; {Use}";

        // * and + are how ASP.NET writes all addresses, and [::] how others do.
        if (host is "" or "*" or "+" or "[::]")
            return AllAt(port);
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return LocalhostAt(port);
        return AddressOf(host) is { } address ? new ListenAddress(address, IsLocalhost: false, port) : $"{invalid}: '{UntrustedText.Bound(host, 80)}' is not an IP address; {Use}";
    }

    /// <summary>For the log and messages.</summary>
    public override string ToString() => this switch
    {
        { Address: null, IsLocalhost: false } => $"{Url} (all addresses)",
        { Address: { } address } when address.Equals(IPAddress.Any) => $"{Url} (all IPv4 addresses)",
        _ => Url.ToString(),
    };

    // IPAddress also parses other forms of IPv4 addresses ("1" is 0.0.0.1), and an IPv6 address with a port, which it ignores ("[::1]:80").
    private static IPAddress? AddressOf(string host)
    {
        if (!IPAddress.TryParse(host, out var address))
            return null;
        return (address.AddressFamily == AddressFamily.InterNetworkV6 ? host.EndsWith(']') : address.ToString() == host) ? address : null;
    }
}
