using System.Net;

namespace ImageUpdater.Http;

/// <summary>
/// The system's proxy, with <c>NO_PROXY</c> as in Go (golang.org/x/net/http/httpproxy) and so in the kubelet and kubectl: with networks, ports
/// and domain suffixes, which .NET does not support. Loopback addresses are never proxied.
/// </summary>
internal sealed class SystemProxy(IWebProxy system, string? noProxy) : IWebProxy
{
    private readonly NoProxyRule[] rules = [.. (noProxy ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(NoProxyRule.Parse).OfType<NoProxyRule>()];

    public ICredentials? Credentials
    {
        get => system.Credentials;
        set => system.Credentials = value;
    }

    /// <summary>Installs it as the default proxy of this process.</summary>
    public static void Use() => HttpClient.DefaultProxy = new SystemProxy(
        HttpClient.DefaultProxy, Environment.GetEnvironmentVariable("NO_PROXY") ?? Environment.GetEnvironmentVariable("no_proxy"));

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) || system.GetProxy(destination) is not { } proxy ? null : WithoutAccount(proxy);

    public bool IsBypassed(Uri host) => host.IsLoopback || rules.Any(rule => rule.Matches(host)) || system.IsBypassed(host);

    /// <summary>
    /// The address without user name and password: .NET quotes the address in the exception if the proxy refuses a tunnel. .NET takes the
    /// account from <see cref="Credentials"/>.
    /// </summary>
    public static Uri WithoutAccount(Uri proxy) => proxy.UserInfo.Length == 0 ? proxy : new UriBuilder(proxy) { UserName = "", Password = "" }.Uri;

    /// <summary>One entry: <c>*</c>, <c>10.0.0.0/8</c>, <c>10.0.0.5:5000</c>, <c>example.com</c>, <c>.example.com</c>, <c>*.example.com</c>.</summary>
    private sealed record NoProxyRule(IPNetwork? Network, string Name, int? Port)
    {
        private const string Any = "*";

        public static NoProxyRule? Parse(string text)
        {
            if (text == Any)
                return new NoProxyRule(null, Any, null);
            if (IPNetwork.TryParse(text, out var network))
                return new NoProxyRule(network, "", null);

            var (host, port) = SplitPort(text);
            if (IPAddress.TryParse(host, out var address))
                return new NoProxyRule(new IPNetwork(address, address.GetAddressBytes().Length * 8), "", port);
            host = host.StartsWith("*.", StringComparison.Ordinal) ? host[1..] : host;
            return host.Length == 0 ? null : new NoProxyRule(null, host, port);
        }

        // As in Go: "example.com" matches the domain and its subdomains, ".example.com" its subdomains only.
        public bool Matches(Uri uri)
        {
            if (Port is { } port && port != uri.Port)
                return false;
            if (Network is { } network)
                return IPAddress.TryParse(uri.IdnHost, out var address) && network.Contains(address);
            return Name == Any
                || uri.IdnHost.Equals(Name, StringComparison.OrdinalIgnoreCase)
                || uri.IdnHost.EndsWith(Name.StartsWith('.') ? Name : "." + Name, StringComparison.OrdinalIgnoreCase);
        }

        private static (string Host, int? Port) SplitPort(string text)
        {
            var colon = text.LastIndexOf(':');
            var isPort = colon > text.LastIndexOf(']') && colon == (text.StartsWith('[') ? colon : text.IndexOf(':'));
            return isPort && int.TryParse(text[(colon + 1)..], out var port) ? (text[..colon].Trim('[', ']'), port) : (text.Trim('[', ']'), null);
        }
    }
}
