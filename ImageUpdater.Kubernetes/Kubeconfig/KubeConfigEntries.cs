namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>How a cluster is reached. Paths are absolute: they were relative to the file that holds them.</summary>
internal sealed record ClusterEntry(string Name)
{
    public string? Server { get; init; }

    public string? CertificateAuthority { get; init; }

    public string? CertificateAuthorityData { get; init; }

    public bool InsecureSkipTlsVerify { get; init; }

    public string? TlsServerName { get; init; }

    public string? ProxyUrl { get; init; }

    /// <summary>The extension <c>client.authentication.k8s.io/exec</c>, as JSON: a cluster's word to an exec plugin.</summary>
    public string? ExecConfig { get; init; }
}

/// <summary>Who one is there. A class rather than a record: a record's text would show the secrets.</summary>
internal sealed class UserEntry(string name)
{
    public string Name { get; } = name;

    public string? ClientCertificate { get; init; }

    public string? ClientCertificateData { get; init; }

    public string? ClientKey { get; init; }

    public string? ClientKeyData { get; init; }

    public string? Token { get; init; }

    public string? TokenFile { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    public ExecSettings? Exec { get; init; }

    /// <summary>Removed from Kubernetes in 1.26; known only so that it can be refused with a word.</summary>
    public bool HasAuthProvider { get; init; }

    public Impersonation Impersonation { get; init; } = Impersonation.None;
}

internal sealed record ContextEntry(string Name, string? Cluster, string? User, string? Namespace);

/// <summary>Whom to act as. Leaving it out would act with more rights than the kubeconfig grants.</summary>
internal sealed record Impersonation(string? User, string? Uid, IReadOnlyList<string> Groups, bool HasExtra)
{
    public static readonly Impersonation None = new(null, null, [], HasExtra: false);

    /// <summary>What of it can't be sent. HttpClient joins several groups to one line, which the API would take for one group.</summary>
    public string? Refusal => HasExtra ? "as-user-extra" : Groups.Count > 1 ? "more than one of as-groups" : null;
}

/// <summary>An exec plugin, as <c>client.authentication.k8s.io</c> describes it. A class: its environment may hold secrets.</summary>
internal sealed class ExecSettings
{
    public required string Command { get; init; }

    public string? ApiVersion { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Never, IfAvailable or Always; v1beta1 may leave it out, which means IfAvailable.</summary>
    public string? InteractiveMode { get; init; }

    public bool ProvideClusterInfo { get; init; }

    public string? InstallHint { get; init; }
}
