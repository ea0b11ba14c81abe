using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry;

/// <summary>The base address of a registry's or mirror's API, ending in a slash: <c>https://ghcr.io/v2/</c>.</summary>
internal static class RegistryAddress
{
    private const string DockerHubApi = "registry-1.docker.io";
    private const string Version = "/v2/";

    /// <summary>Null if the host is valid in an image reference but not in an address, for example a port of 99999.</summary>
    public static Uri? Of(RegistryOptions options)
    {
        var host = options.Alias is { Length: > 0 } alias ? alias : options.Registry == ImageReference.DockerHub ? DockerHubApi : options.Host;
        return host.Contains("://", StringComparison.Ordinal)
            ? null
            : Parse(host, options.PlainHttp ? Uri.UriSchemeHttp : Uri.UriSchemeHttps);
    }

    /// <summary>
    /// As in containerd and K3s: without a path the API is at /v2, and a path replaces /v2. docker.io is replaced by the host of Docker Hub's
    /// API. Null if the address is invalid.
    /// </summary>
    /// <param name="defaultScheme">Used for an address without a scheme; null if the scheme is required.</param>
    public static Uri? Parse(string text, string? defaultScheme)
    {
        text = text.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            if (defaultScheme is null || text.StartsWith('/'))
                return null;
            text = $"{defaultScheme}://{text}";
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
            || address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0 || text.AsSpan().ContainsAny('?', '#'))
        {
            return null;
        }

        if (address is { Host: ImageReference.DockerHub, IsDefaultPort: true })
            address = new UriBuilder(address) { Host = DockerHubApi }.Uri;
        var path = address.AbsolutePath.TrimEnd('/') is { Length: > 0 } given ? given + "/" : Version;
        // Uri can accept a host and then fail to combine it with a path; such a host is invalid.
        return Uri.TryCreate(address, path, out var complete) ? complete : null;
    }

    /// <summary>The repository's name in the API's token scopes: below <c>/v2/proxy/</c> it is <c>proxy/library/nginx</c>.</summary>
    public static string Repository(Uri address, string repository) =>
        address.AbsolutePath.StartsWith(Version, StringComparison.Ordinal) ? address.AbsolutePath[Version.Length..] + repository : repository;
}
