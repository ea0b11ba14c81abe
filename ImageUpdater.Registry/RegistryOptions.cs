using ImageUpdater.Core.Images;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Registry;

/// <summary>How one host is reached: the registry's own, or a mirror's.</summary>
internal abstract record EndpointOptions
{
    public const int DefaultConcurrency = 4;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Certificates (PEM, or one in DER) to trust in addition to the system's. Read once. Default: none.</summary>
    public string? CaFile { get; init; }

    /// <summary>By which we are known to this host, PEM, with its intermediates. No other host is shown it. Default: none.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>The key of the certificate: PEM, not encrypted. Default: none.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Takes any certificate from this host, so that anyone on the way can be it. Default: false.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>Address of a proxy, http, https or socks5; <c>none</c> for no proxy at all. Default: the system's.</summary>
    public string? Proxy { get; init; }

    /// <summary>An account of this host, tried after the pull secrets. Default: none.</summary>
    public string? Username { get; init; }

    /// <summary>The account's. Never shown. Default: none.</summary>
    public string? Password { get; init; }

    /// <summary>Instead of an account: exchanged for tokens. Never shown. Default: none.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>Names of token servers that may have a private address which is not the registry's own. Default: none.</summary>
    public IReadOnlyList<string> TokenHosts { get; init; } = [];

    /// <summary>Requests at once, those to its token server included. Default: 4.</summary>
    public int MaxConcurrency { get; init; } = DefaultConcurrency;

    /// <summary>For one request with its redirects and its body. Default: 15 s.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The configuration that this was read from, in words for a person.</summary>
    internal string Source { get; init; } = RegistryOptions.Section;

    internal RegistryCredential? Credential => Username is { Length: > 0 } || IdentityToken is { Length: > 0 }
        ? new RegistryCredential($"{Source}, {Label}", Username ?? "", Password ?? "", IdentityToken is { Length: > 0 } token ? token : null)
        : null;

    protected abstract string Label { get; }

    // The generated one would print the password.
    public sealed override string ToString() => Label;
}

/// <summary>
/// What a user says about one registry, in <c>ImageUpdater:Registries:0</c>, <c>:1</c>… A registry that is not listed is
/// asked over HTTPS with the defaults, or with those of the entry <c>*</c>.
/// </summary>
internal sealed record RegistryOptions : EndpointOptions
{
    public const string Section = "ImageUpdater:Registries";

    /// <summary>The entry for all registries that have none of their own.</summary>
    public const string AnyHost = "*";

    /// <summary>As image references name it, for example <c>registry.example.com:5000</c> or <c>docker.io</c>; or <c>*</c>.</summary>
    public string Host { get; init; } = "";

    /// <summary>Where its API really is: host, port and path. Gets the credentials that are for <see cref="Host"/>. Default: at Host.</summary>
    public string? Alias { get; init; }

    /// <summary>Asks over HTTP, where anyone on the way can read and change everything. Default: false.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Asked before the registry itself, in this order. Default: none.</summary>
    public IReadOnlyList<RegistryMirror> Mirrors { get; init; } = [];

    /// <summary>The registry itself is not asked. Only where there are mirrors.</summary>
    internal bool MirrorsOnly { get; init; }

    /// <summary>Between two checks of an image of this registry. Default: the program's <c>CheckInterval</c>.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The host as references carry it: Docker Hub goes by one name only.</summary>
    public string Registry => string.Equals(Host, "index.docker.io", StringComparison.OrdinalIgnoreCase) ? ImageReference.DockerHub : Host;

    protected override string Label => Registry;
}
