using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Http;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Configuration;

/// <summary>Judges <see cref="RegistryOptions"/>: every problem at once, each one sentence that quotes no secret.</summary>
internal static class RegistryProblems
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(7);

    /// <param name="registries">Each with what its problems begin with.</param>
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
            yield return "Host '*' stands for every registry: an alias, plain HTTP, an account and a client certificate belong to one.";
        if (registry.Alias is { Length: > 0 } && RegistryAddress.Of(registry) is null)
            yield return "Alias is not an address; write host, port and path without a scheme, for example 10.0.0.5:5000.";
        if (registry.Interval is { } interval && (interval < ShortestInterval || interval > LongestInterval))
            yield return $"Interval is {interval}; it must be from {ShortestInterval} to {LongestInterval}.";
        foreach (var problem in OfEndpoint(registry, registry.PlainHttp ? "PlainHttp" : null))
            yield return problem;
    }

    private static IEnumerable<string> OfMirror(RegistryMirror mirror)
    {
        if (mirror.Url.Length == 0)
            yield return "Url is missing; write for example https://mirror.example.com.";
        else if (mirror.Address is null)
            yield return "Url is not an address; write http:// or https://, host, port and path, and no user name or password.";
        foreach (var problem in OfEndpoint(mirror, mirror.Address?.Scheme == Uri.UriSchemeHttp ? "a Url of http://" : null))
            yield return problem;
    }

    /// <param name="plain">What says that it is asked without TLS; null where it is not.</param>
    private static IEnumerable<string> OfEndpoint(EndpointOptions endpoint, string? plain)
    {
        if (plain is not null && endpoint.CaFile is { Length: > 0 })
            yield return $"{plain} and CaFile exclude each other; a CA file is for HTTPS.";
        if (plain is not null && endpoint.ClientCertificateFile is { Length: > 0 })
            yield return $"{plain} and ClientCertificateFile exclude each other; a certificate is for HTTPS.";
        if (endpoint.CaFile is { Length: > 0 } path && TrustedAuthorities.Load(path).Failure is { } caProblem)
            yield return caProblem;
        if (EndpointFiles.ClientCertificate(endpoint).Failure is { } certificateProblem)
            yield return certificateProblem;
        if (ProxyChoice.Parse(endpoint.Proxy).Failure is { } proxyProblem)
            yield return proxyProblem;
        if (string.IsNullOrEmpty(endpoint.Username) != string.IsNullOrEmpty(endpoint.Password))
            yield return "Username and Password are given together or not at all.";
        foreach (var host in endpoint.TokenHosts.Where(host => Uri.CheckHostName(host) == UriHostNameType.Unknown))
            yield return $"TokenHosts has '{UntrustedText.Bound(host)}', which is not the name of a host; write it without scheme and port.";
        if (endpoint.Timeout <= TimeSpan.Zero || endpoint.Timeout > LongestTimeout)
            yield return $"Timeout is {endpoint.Timeout}; it must be above 0 and at most {LongestTimeout}.";
    }

    private static bool HasSecrets(RegistryOptions registry) =>
        registry is { Username.Length: > 0 } or { Password.Length: > 0 } or { IdentityToken.Length: > 0 } or { ClientCertificateFile.Length: > 0 };

    private static string? HostProblem(string host)
    {
        if (host.Length == 0)
            return "Host is missing; write it as image references do, for example registry.example.com:5000.";
        if (host.Contains('@'))
            return "Host holds a user name or password; write only host and port there, and the account as Username and Password.";
        return host == RegistryOptions.AnyHost || IsHost(host)
            ? null
            : $"Host '{UntrustedText.Bound(host)}' is not a registry's host; write it as image references do, without a scheme or a path.";
    }

    // The one grammar of hosts is that of references, so that what is configured is what an image can name.
    public static bool IsHost(string host) =>
        ImageReference.TryParse(host + "/image", out var reference)
        && reference.Repository is "image" or "library/image"
        && string.Equals(reference.Registry, new RegistryOptions { Host = host }.Registry, StringComparison.OrdinalIgnoreCase)
        && RegistryAddress.Of(new RegistryOptions { Host = host }) is not null;
}
