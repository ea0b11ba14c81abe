using System.Net;
using ImageUpdater.Core;

namespace ImageUpdater.Http;

/// <summary>The proxy to use: a configured one, none, or the system's.</summary>
/// <param name="Proxy">Null for the system's proxy.</param>
internal sealed record ProxyChoice(bool UseProxy, IWebProxy? Proxy)
{
    private const string None = "none";

    private static readonly string[] Schemes = [Uri.UriSchemeHttp, Uri.UriSchemeHttps, "socks5"];

    /// <summary>Host and port of the proxy for the address, without credentials; null for none.</summary>
    public string? For(Uri target) => UseProxy ? (Proxy ?? HttpClient.DefaultProxy).GetProxy(target)?.Authority : null;

    /// <summary>Parses a proxy address or <c>none</c>. The failure does not quote the text, which may contain a password.</summary>
    public static Result<ProxyChoice, string> Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return new ProxyChoice(UseProxy: true, Proxy: null);
        if (string.Equals(text.Trim(), None, StringComparison.OrdinalIgnoreCase))
            return new ProxyChoice(UseProxy: false, Proxy: null);
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address) || !Schemes.Contains(address.Scheme) || address.Host.Length == 0)
            return "invalid Proxy; use http://proxy.example.com:3128, https:// or socks5://, or none.";

        var account = address.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return new ProxyChoice(UseProxy: true, new WebProxy(SystemProxy.WithoutAccount(address))
        {
            Credentials = account is [{ Length: > 0 } user, ..] ? new NetworkCredential(user, account.ElementAtOrDefault(1) ?? "") : null,
        });
    }
}
