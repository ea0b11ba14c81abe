using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Http;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Configuration;

/// <summary>Validates <see cref="RegistryOptions"/>: returns all problems, each a message that quotes no secret.</summary>
internal static class RegistryProblems
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(7);

    /// <param name="registries">The registries, each with the label that its problems start with.</param>
    public static IEnumerable<string> Of(IReadOnlyList<(string Label, RegistryOptions Options)> registries)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (label, registry) in registries)
        {
            foreach (var problem in OfRegistry(registry))
                yield return $"{label}: {problem}";
            if (registry.Host.Length > 0 && !registry.Host.Contains('@') && !seen.Add(registry.Registry))
                yield return $"{label}: host '{UntrustedText.Bound(registry.Host)}' is listed twice.";
            for (var index = 0; index < registry.Mirrors.Count; index++)
            {
                foreach (var problem in OfMirror(registry.Mirrors[index]))
                    yield return $"{label}:Mirrors:{index}: {problem}";
            }
        }
    }

    private static IEnumerable<string> OfRegistry(RegistryOptions registry)
    {
        if (HostProblem(registry.Host) is { } hostProblem)
            yield return hostProblem;
        if (registry.Host == RegistryOptions.AnyHost && (registry is { Alias.Length: > 0 } or { PlainHttp: true } || HasSecrets(registry)))
            yield return "Host '*' stands for all registries; set Alias, PlainHttp, credentials and client certificates on the entry of one registry.";
        if (registry.Alias is { Length: > 0 } && RegistryAddress.Of(registry) is null)
            yield return "invalid Alias; use host, port and path without a scheme, for example 10.0.0.5:5000.";
        if (registry.Interval is { } interval && (interval < ShortestInterval || interval > LongestInterval))
            yield return $"Interval is {interval}; it must be from {ShortestInterval} to {LongestInterval}.";
        foreach (var problem in OfEndpoint(registry, registry.PlainHttp ? "PlainHttp" : null))
            yield return problem;
    }

    private static IEnumerable<string> OfMirror(RegistryMirror mirror)
    {
        if (mirror.Url.Length == 0)
            yield return "Url is missing; set it, for example to https://mirror.example.com.";
        else if (mirror.Address is null)
            yield return "invalid Url; use http:// or https:// with host, port and path, without user name and password.";
        foreach (var problem in OfEndpoint(mirror, mirror.Address?.Scheme == Uri.UriSchemeHttp ? "an http:// Url" : null))
            yield return problem;
    }

    /// <param name="plain">The setting that turns TLS off; null with TLS.</param>
    private static IEnumerable<string> OfEndpoint(EndpointOptions endpoint, string? plain)
    {
        if (plain is not null && endpoint.CaFile is { Length: > 0 })
            yield return $"{plain} and CaFile cannot be combined; CaFile requires HTTPS.";
        if (plain is not null && endpoint.ClientCertificateFile is { Length: > 0 })
            yield return $"{plain} and ClientCertificateFile cannot be combined; ClientCertificateFile requires HTTPS.";
        if (endpoint.CaFile is { Length: > 0 } path && TrustedAuthorities.Load(path).Failure is { } caProblem)
            yield return caProblem;
        if (EndpointFiles.ClientCertificate(endpoint).Failure is { } certificateProblem)
            yield return certificateProblem;
        if (ProxyChoice.Parse(endpoint.Proxy).Failure is { } proxyProblem)
            yield return proxyProblem;
        if (string.IsNullOrEmpty(endpoint.Username) != string.IsNullOrEmpty(endpoint.Password))
            yield return "Username and Password must be set together.";
        foreach (var host in endpoint.TokenHosts.Where(host => Uri.CheckHostName(host) == UriHostNameType.Unknown))
            yield return $"invalid host '{UntrustedText.Bound(host)}' in TokenHosts; use a host name without scheme and port.";
        if (endpoint.Timeout <= TimeSpan.Zero || endpoint.Timeout > LongestTimeout)
            yield return $"Timeout is {endpoint.Timeout}; it must be above 0 and at most {LongestTimeout}.";
    }

    private static bool HasSecrets(RegistryOptions registry) =>
        registry is { Username.Length: > 0 } or { Password.Length: > 0 } or { IdentityToken.Length: > 0 } or { ClientCertificateFile.Length: > 0 };

    private static string? HostProblem(string host)
    {
        if (host.Length == 0)
            return "Host is missing; use the host of image references, for example registry.example.com:5000.";
        if (host.Contains('@'))
            return "Host contains a user name or password; use host and port only, and set Username and Password.";
        return host == RegistryOptions.AnyHost || IsHost(host)
            ? null
            : $"invalid Host '{UntrustedText.Bound(host)}'; use the host of image references, without scheme and path.";
    }

    // Uses the parser of image references, so that each configured host is one that an image can name.
    public static bool IsHost(string host) =>
        ImageReference.TryParse(host + "/image", out var reference)
        && reference.Repository is "image" or "library/image"
        && string.Equals(reference.Registry, new RegistryOptions { Host = host }.Registry, StringComparison.OrdinalIgnoreCase)
        && RegistryAddress.Of(new RegistryOptions { Host = host }) is not null;
}
