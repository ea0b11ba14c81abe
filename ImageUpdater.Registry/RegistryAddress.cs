using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry;

/// <summary>Where the API of a registry or of a mirror begins: an address that ends in a slash, <c>https://ghcr.io/v2/</c>.</summary>
internal static class RegistryAddress
{
    private const string DockerHubApi = "registry-1.docker.io";
    private const string Version = "/v2/";

    /// <summary>Null where the host fits the grammar of references but no address: a port of 99999.</summary>
    public static Uri? Of(RegistryOptions options)
    {
        var host = options.Alias is { Length: > 0 } alias ? alias : options.Registry == ImageReference.DockerHub ? DockerHubApi : options.Host;
        return host.Contains("://", StringComparison.Ordinal)
            ? null
            : Parse(host, options.PlainHttp ? Uri.UriSchemeHttp : Uri.UriSchemeHttps);
    }

    /// <summary>
    /// As containerd and K3s have it: without a path the API is at /v2, and any other path takes its place. Docker Hub's name stands for
    /// the host of its API.
    /// </summary>
    /// <param name="defaultScheme">For an address without one; null where it has to have one.</param>
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

    /// <summary>The name that a repository goes by there: below <c>/v2/proxy/</c> it is <c>proxy/library/nginx</c>.</summary>
    public static string Repository(Uri address, string repository) =>
        address.AbsolutePath.StartsWith(Version, StringComparison.Ordinal) ? address.AbsolutePath[Version.Length..] + repository : repository;
}
