using ImageUpdater.Core.Images;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Registry;

/// <summary>How to connect to a registry or a mirror.</summary>
internal abstract record EndpointOptions
{
    public const int DefaultConcurrency = 4;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    /// <summary>File with certificates (PEM, or one in DER) to trust in addition to the system's. Read once. Default: none.</summary>
    public string? CaFile { get; init; }

    /// <summary>File with the client certificate and its intermediates, in PEM. Sent to this host only. Default: none.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>File with the client certificate's private key: PEM, not encrypted. Default: none.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Accepts any certificate from this host; anyone on the network path can impersonate it. Default: false.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>Address of a proxy (http, https or socks5); <c>none</c> for a direct connection. Default: the system's.</summary>
    public string? Proxy { get; init; }

    /// <summary>User name for this host, tried after the pull secrets. Default: none.</summary>
    public string? Username { get; init; }

    /// <summary>Password of <see cref="Username"/>. Never shown. Default: none.</summary>
    public string? Password { get; init; }

    /// <summary>Refresh token that is exchanged for access tokens, instead of a user name and password. Never shown. Default: none.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>Host names of token servers that receive the credentials outside of the registry's domain, and may have a private address. Default: none.</summary>
    public IReadOnlyList<string> TokenHosts { get; init; } = [];

    /// <summary>Limit of concurrent requests, including those to token servers. Default: 4.</summary>
    public int MaxConcurrency { get; init; } = DefaultConcurrency;

    /// <summary>Time limit of one request, including redirects and body. Default: 15 s.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The configuration section or file that the options come from, for messages.</summary>
    internal string Source { get; init; } = RegistryOptions.Section;

    internal RegistryCredential? Credential => Username is { Length: > 0 } || IdentityToken is { Length: > 0 }
        ? new RegistryCredential($"{Source}, {Label}", Username ?? "", Password ?? "", IdentityToken is { Length: > 0 } token ? token : null)
        : null;

    protected abstract string Label { get; }

    // The generated ToString would include the password.
    public sealed override string ToString() => Label;
}

/// <summary>
/// Options of one registry, in <c>ImageUpdater:Registries:0</c>, <c>:1</c>… A registry that is not listed uses the entry <c>*</c>, else the
/// defaults.
/// </summary>
internal sealed record RegistryOptions : EndpointOptions
{
    public const string Section = "ImageUpdater:Registries";

    /// <summary>The entry for all registries that are not listed.</summary>
    public const string AnyHost = "*";

    /// <summary>The registry as in image references, for example <c>registry.example.com:5000</c> or <c>docker.io</c>; or <c>*</c>.</summary>
    public string Host { get; init; } = "";

    /// <summary>Actual address of the registry's API: host, port and path. Receives the credentials for <see cref="Host"/>. Default: Host.</summary>
    public string? Alias { get; init; }

    /// <summary>Uses HTTP; anyone on the network path can read and change everything. Default: false.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Tried before the registry itself, in this order. Default: none.</summary>
    public IReadOnlyList<RegistryMirror> Mirrors { get; init; } = [];

    /// <summary>The registry itself is not contacted. True only if there are mirrors.</summary>
    internal bool MirrorsOnly { get; init; }

    /// <summary>Time between two checks of an image of this registry. Default: <c>CheckInterval</c>.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The host as in parsed image references, where index.docker.io is docker.io.</summary>
    public string Registry => string.Equals(Host, "index.docker.io", StringComparison.OrdinalIgnoreCase) ? ImageReference.DockerHub : Host;

    protected override string Label => Registry;
}
