namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>An entry of <c>clusters</c>. Relative paths have been made absolute.</summary>
internal sealed record ClusterEntry(string Name)
{
    public string? Server { get; init; }

    public string? CertificateAuthority { get; init; }

    public string? CertificateAuthorityData { get; init; }

    public bool InsecureSkipTlsVerify { get; init; }

    public string? TlsServerName { get; init; }

    public string? ProxyUrl { get; init; }

    /// <summary>The extension <c>client.authentication.k8s.io/exec</c> as JSON, which is passed to exec plugins.</summary>
    public string? ExecConfig { get; init; }
}

/// <summary>An entry of <c>users</c>. Not a record, whose generated ToString would include the secrets.</summary>
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

    /// <summary>Removed in Kubernetes 1.26; read only for an error message.</summary>
    public bool HasAuthProvider { get; init; }

    public Impersonation Impersonation { get; init; } = Impersonation.None;
}

internal sealed record ContextEntry(string Name, string? Cluster, string? User, string? Namespace);

/// <summary>User impersonation. Ignoring it would act with more rights than the kubeconfig grants.</summary>
/// <param name="Extra">The values of each key of <c>as-user-extra</c>.</param>
internal sealed record Impersonation(
    string? User, string? Uid, IReadOnlyList<string> Groups, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Extra)
{
    public static readonly Impersonation None = new(null, null, [], []);

    /// <summary>What makes it invalid; null if it is valid.</summary>
    public string? Refusal
    {
        get
        {
            if (User is null && (Uid is not null || Groups.Count > 0 || Extra.Count > 0))
                return "as-uid, as-groups or as-user-extra without as";

            IEnumerable<string?> values = [User, Uid, .. Groups, .. Extra.SelectMany(extra => extra.Value)];
            return values.Any(value => value?.Any(char.IsControl) == true) ? "a line break or control character in as, as-uid, as-groups or as-user-extra" : null;
        }
    }
}

/// <summary>The <c>exec</c> section of a user. Not a record, whose generated ToString would include the environment, which may hold secrets.</summary>
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
