using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Http;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// K3s's <c>registries.yaml</c> (and RKE2's), read as K3s reads it: mirrors of a registry in order, by default those of <c>*</c>;
/// credentials and TLS by the host that is queried. The registry itself comes last, unless <c>--disable-default-registry-endpoint</c> is set.
/// </summary>
/// <param name="Warnings">Messages about keys and endpoints that are ignored.</param>
internal sealed record RegistriesFile(IReadOnlyList<RegistryOptions> Registries, IReadOnlyList<string> Warnings)
{
    private const string DockerHubApi = "registry-1.docker.io";

    /// <param name="mirrorsOnly">K3s runs with <c>--disable-default-registry-endpoint</c>.</param>
    public static Result<RegistriesFile, string[]> Read(string path, bool mirrorsOnly)
    {
        var name = UntrustedText.Bound(path);
        return LocalFile.ReadText(path).IsSuccess(out var text, out var unread)
            ? Parse(text, name, mirrorsOnly)
            : new[] { $"RegistriesFile {unread.Message}." };
    }

    /// <param name="name">The file name for messages.</param>
    public static Result<RegistriesFile, string[]> Parse(string text, string name, bool mirrorsOnly = false)
    {
        if (!YamlSection.Parse(text).IsSuccess(out var root, out var problem))
            return new[] { $"RegistriesFile '{name}' {problem}." };

        var reader = new Reader(root, Path.GetFileName(name), mirrorsOnly);
        var registries = reader.Registries();
        var problems = RegistryProblems.Of([.. registries.Select(registry => ($"RegistriesFile '{name}', {UntrustedText.Bound(registry.Host)}", registry))]);
        if (problems.ToArray() is { Length: > 0 } all)
            return all;
        return new RegistriesFile(registries, [.. reader.Warnings.Concat(root.Remarks).Select(remark => $"{name}: {remark}.")]);
    }

    /// <summary>An entry in our own configuration replaces the file's entry for the same registry.</summary>
    public static RegistryOptions[] Merge(IReadOnlyList<RegistryOptions> own, IReadOnlyList<RegistryOptions> ofFile)
    {
        var taken = own.Select(registry => registry.Registry).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. own, .. ofFile.Where(registry => !taken.Contains(registry.Registry))];
    }

    private sealed class Reader(YamlSection root, string source, bool mirrorsOnly)
    {
        private readonly YamlSection mirrors = root.Section("mirrors");
        private readonly YamlSection configs = root.Section("configs");

        // Read once per host, so that no remark is reported twice.
        private readonly Dictionary<string, HostSettings> settingsByHost = new(StringComparer.OrdinalIgnoreCase);

        public List<string> Warnings { get; } = [];

        public List<RegistryOptions> Registries()
        {
            var registries = new Dictionary<string, RegistryOptions>(StringComparer.OrdinalIgnoreCase);
            foreach (var name in mirrors.Keys)
            {
                if (Registry(name, mirrors.Section(name)) is { } registry && !registries.TryAdd(registry.Registry, registry))
                    Warnings.Add($"'mirrors.{UntrustedText.Bound(name)}' duplicates an earlier entry of the same registry and is ignored");
            }

            foreach (var name in configs.Keys.Where(name => !registries.ContainsKey(Canonical(name))))
            {
                if (Registry(name, mirror: null) is { } registry)
                    registries.TryAdd(registry.Registry, registry);
            }

            var others = registries.GetValueOrDefault(RegistryOptions.AnyHost) ?? new RegistryOptions();
            return [.. registries.Values.Select(registry => IsBare(registry) ? registry with { Mirrors = others.Mirrors, MirrorsOnly = others.MirrorsOnly } : registry)];
        }

        // K3s writes no containerd configuration for a registry without settings: containerd then uses the one for all registries.
        private static bool IsBare(RegistryOptions registry) =>
            registry is { Mirrors: [], Credential: null, CaFile: null, ClientCertificateFile: null, InsecureSkipVerify: false }
            && registry.PlainHttp == (DefaultScheme(registry.Host) == Uri.UriSchemeHttp);

        private RegistryOptions? Registry(string name, YamlSection? mirror)
        {
            var host = Canonical(name);
            if (host != RegistryOptions.AnyHost && !RegistryProblems.IsHost(host))
            {
                Warnings.Add($"'{UntrustedText.Bound(name)}' is not a registry host and is ignored");
                return null;
            }

            var settings = SettingsOf(host);
            if (host == RegistryOptions.AnyHost && settings.HasSecrets)
            {
                Warnings.Add("credentials in 'configs.*' are ignored: they would be sent to every registry");
                settings = settings.WithoutSecrets();
            }

            var registry = settings.On(new RegistryOptions { Host = host, Source = source, PlainHttp = DefaultScheme(host) == Uri.UriSchemeHttp });
            // K3s keeps the registry's own endpoint if the file has a configs entry for it.
            return mirror is null ? registry : WithMirrors(registry, mirror, mirrorsOnly && !configs.Keys.Contains(name, StringComparer.Ordinal));
        }

        private RegistryOptions WithMirrors(RegistryOptions registry, YamlSection section, bool only)
        {
            var rewriting = section.Section("rewrite");
            var rewrites = rewriting.Keys.Select(pattern => Rewrite(registry.Host, pattern, rewriting.Text(pattern))).OfType<RepositoryRewrite>().ToArray();
            var found = new List<RegistryMirror>();
            var endpoints = section.Texts("endpoint");
            foreach (var (endpoint, number) in endpoints.Select((endpoint, index) => (endpoint, index + 1)))
            {
                if (RegistryAddress.Parse(endpoint, DefaultScheme(endpoint)) is not { } address)
                    Warnings.Add($"endpoint {number} of '{UntrustedText.Bound(registry.Host)}' is not a valid address and is ignored");
                else if (!only && number == endpoints.Count && IsRegistryItself(endpoint, address, registry))
                    return WithItselfLast(registry, found, Mirror(address));
                else if (found.All(mirror => mirror.Address != address))
                    found.Add(Mirror(address));
            }

            return registry with { Mirrors = found, MirrorsOnly = only && found.Count > 0 };

            RegistryMirror Mirror(Uri address) =>
                SettingsOf(Canonical(address.Authority)).On(new RegistryMirror { Url = address.AbsoluteUri, Source = source, Rewrites = rewrites });
        }

        // The registry itself is always queried last, so that listing it last only says whether it uses HTTPS. Rewrites do not apply there
        // unless the endpoint has another scheme or an explicit port.
        private RegistryOptions WithItselfLast(RegistryOptions registry, List<RegistryMirror> found, RegistryMirror itself)
        {
            var isPlain = itself.Address!.Scheme == Uri.UriSchemeHttp;
            if (isPlain && itself.Rewrites.Count > 0)
                found.Add(itself);
            return SettingsOf(registry.Host).On(registry with { PlainHttp = isPlain, Mirrors = found });
        }

        // Compares the text: for K3s, https://r.example.com:443 and https://r.example.com are different endpoints.
        private static bool IsRegistryItself(string written, Uri address, RegistryOptions registry) =>
            RegistryAddress.Of(registry) is { } own
            && string.Equals(address.Authority, own.Authority, StringComparison.OrdinalIgnoreCase)
            && address.AbsolutePath == own.AbsolutePath
            && HasPort(written) == HasPort(registry.Host);

        private static bool HasPort(string address)
        {
            var authority = address[(address.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0)..].Split('/')[0];
            return authority.LastIndexOf(':') > authority.LastIndexOf(']');
        }

        private RepositoryRewrite? Rewrite(string host, string pattern, string? replacement)
        {
            var rewrite = RepositoryRewrite.Parse(pattern, replacement ?? "");
            if (rewrite is null)
                Warnings.Add($"a rewrite of '{UntrustedText.Bound(host)}' has an unsupported pattern and is ignored");
            return rewrite;
        }

        private HostSettings SettingsOf(string host)
        {
            if (!settingsByHost.TryGetValue(host, out var settings))
                settingsByHost[host] = settings = host == ImageReference.DockerHub
                    ? Settings(configs.Keys.Contains(DockerHubApi, StringComparer.Ordinal) ? DockerHubApi : ImageReference.DockerHub)
                    : Settings(host);
            return settings;
        }

        private HostSettings Settings(string key)
        {
            if (!configs.Keys.Contains(key, StringComparer.Ordinal))
                return HostSettings.None;

            var config = configs.Section(key);
            var auth = config.Section("auth");
            var tls = config.Section("tls");
            var (username, password, identityToken, pair) = (auth.Text("username"), auth.Text("password"), auth.Text("identity_token"), auth.Text("auth"));

            // Only one is used, in containerd's order: username and password, identity token, base64 pair.
            if (!string.IsNullOrEmpty(username))
                identityToken = null;
            else if (string.IsNullOrEmpty(identityToken) && pair is not null)
            {
                if (Decode(pair) is { } decoded)
                    (username, password) = decoded;
                else
                    Warnings.Add($"'configs.{UntrustedText.Bound(key)}.auth.auth' is not base64 of user:password and is ignored");
            }

            return new HostSettings(
                username, password, identityToken, tls.Text("ca_file"), tls.Text("cert_file"), tls.Text("key_file"),
                tls.Flag("insecure_skip_verify"));
        }

        private static (string Username, string Password)? Decode(string pair)
        {
            try
            {
                var text = Encoding.UTF8.GetString(Convert.FromBase64String(pair.Trim()));
                return text.IndexOf(':') is > 0 and var colon ? (text[..colon], text[(colon + 1)..].Trim('\0')) : null;
            }
            catch (FormatException)
            {
                return null;
            }
        }

        private static string Canonical(string name) => name is DockerHubApi or "index.docker.io" ? ImageReference.DockerHub : name;

        // As in containerd: loopback addresses with a port use plain HTTP.
        private static string DefaultScheme(string endpoint) =>
            Uri.TryCreate("https://" + endpoint, UriKind.Absolute, out var address) && address is { IsLoopback: true, IsDefaultPort: false }
                ? Uri.UriSchemeHttp
                : Uri.UriSchemeHttps;
    }

    /// <summary>An entry of <c>configs</c>. A class, because ToString of a record would show the password.</summary>
    private sealed class HostSettings(
        string? username, string? password, string? identityToken, string? caFile, string? certificateFile, string? keyFile, bool skipVerify)
    {
        public static readonly HostSettings None = new(null, null, null, null, null, null, skipVerify: false);

        public bool HasSecrets => username is { Length: > 0 } || identityToken is { Length: > 0 } || certificateFile is { Length: > 0 };

        public HostSettings WithoutSecrets() => new(null, null, null, caFile, null, null, skipVerify);

        public RegistryOptions On(RegistryOptions registry) => (RegistryOptions)On(registry, isPlain: registry.PlainHttp);

        public RegistryMirror On(RegistryMirror mirror) => (RegistryMirror)On(mirror, mirror.Address!.Scheme == Uri.UriSchemeHttp);

        // K3s ignores the TLS settings of a host that is queried over HTTP.
        private EndpointOptions On(EndpointOptions endpoint, bool isPlain) => endpoint with
        {
            Username = username,
            Password = password,
            IdentityToken = identityToken,
            CaFile = isPlain ? null : caFile,
            ClientCertificateFile = isPlain ? null : certificateFile,
            ClientKeyFile = isPlain ? null : keyFile,
            InsecureSkipVerify = !isPlain && skipVerify,
        };
    }
}
