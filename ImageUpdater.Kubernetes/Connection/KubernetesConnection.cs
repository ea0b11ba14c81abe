using ImageUpdater.Core;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes.Credentials;
using ImageUpdater.Kubernetes.Kubeconfig;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Connection;

/// <summary>API server, user and default namespace.</summary>
internal sealed class KubernetesConnection
{
    public required ClusterEndpoint Endpoint { get; init; }

    public required ClusterEntry Cluster { get; init; }

    public required UserEntry User { get; init; }

    public ClientCertificate? Certificate { get; init; }

    /// <summary>The context's namespace, or the pod's; <c>default</c> if not set.</summary>
    public required string Namespace { get; init; }

    /// <summary>The program runs in a pod of the cluster: <c>localhost</c> is the pod itself.</summary>
    public bool IsInPod { get; init; }

    /// <summary>For messages: context, cluster, user and address, no secrets.</summary>
    public required string DisplayName { get; init; }

    /// <summary>
    /// The given kubeconfig, else the files of KUBECONFIG, else the cluster that this pod runs in, else ~/.kube/config. With a
    /// <paramref name="context"/>, the in-cluster connection is not considered: it has no contexts.
    /// </summary>
    /// <returns>The connection (no request has been made yet), or a message that says what to do.</returns>
    public static Result<KubernetesConnection, string> Load(
        string? kubeconfigPath,
        string? context,
        Func<string, string?> environment,
        string serviceAccountFolder = InClusterConnection.ServiceAccountFolder)
    {
        if (!string.IsNullOrEmpty(kubeconfigPath))
            return FromConfig(KubeConfigFiles.Read(kubeconfigPath, "given by --kubeconfig"), context);
        if (environment("KUBECONFIG") is { } list && !string.IsNullOrWhiteSpace(list.Trim(Path.PathSeparator)))
            return FromConfig(KubeConfigFiles.ReadList(list), context);

        var announced = string.IsNullOrEmpty(context) && InClusterConnection.IsAnnounced(environment);
        if (announced && File.Exists(InClusterConnection.TokenPath(serviceAccountFolder)))
            return InClusterConnection.Load(environment, serviceAccountFolder);

        var home = environment("HOME") ?? environment("USERPROFILE");
        if (!string.IsNullOrEmpty(home) && Path.Combine(home, ".kube", "config") is var path && File.Exists(path))
            return FromConfig(KubeConfigFiles.Read(path, "in the home folder"), context);

        return announced
            ? $"this pod has no token in '{serviceAccountFolder}'; set automountServiceAccountToken, or pass --kubeconfig"
            : "no cluster configuration found; pass --kubeconfig, set KUBECONFIG, or run in a cluster";
    }

    public CredentialSource CreateCredentials(TimeProvider time, ILogger logger)
    {
        // As in kubectl, a token or password in the kubeconfig takes precedence over an exec plugin.
        if (!string.IsNullOrEmpty(User.TokenFile))
            return new TokenFileCredential(User.TokenFile, User.Token, Certificate, time, logger);
        if (!string.IsNullOrEmpty(User.Token))
            return new FixedCredential(Credential.Bearer(User.Token, Certificate));
        if (!string.IsNullOrEmpty(User.Username))
            return new FixedCredential(Credential.Basic(User.Username, User.Password, Certificate));
        if (User.Exec is not null)
            return new ExecCredential(new ExecPlugin(User.Exec, User.Name, Cluster, time), Certificate, time);

        return new FixedCredential(new Credential(authorization: null, Certificate));
    }

    public override string ToString() => DisplayName;

    private static Result<KubernetesConnection, string> FromConfig(Result<KubeConfig, string> read, string? asked)
    {
        if (!read.IsSuccess(out var config, out var failure))
            return failure;

        var name = string.IsNullOrEmpty(asked) ? config.CurrentContext : asked;
        if (string.IsNullOrEmpty(name))
            return "the kubeconfig has no current-context; pass --context, or run kubectl config use-context";
        if (!config.Contexts.TryGetValue(name, out var context))
            return $"the kubeconfig has no context '{UntrustedText.Bound(name)}'; available: {Names(config.Contexts.Keys)}";
        if (context.Cluster is null || !config.Clusters.TryGetValue(context.Cluster, out var cluster))
            return $"context '{name}' names cluster '{context.Cluster}', which is not in the kubeconfig; available: {Names(config.Clusters.Keys)}";

        // As in kubectl, a context without a user is anonymous; an unknown user is an error.
        var user = new UserEntry("anonymous");
        if (!string.IsNullOrEmpty(context.User) && !config.Users.TryGetValue(context.User, out user))
            return $"context '{name}' names user '{context.User}', which is not in the kubeconfig; available: {Names(config.Users.Keys)}";

        if (Refusal(user) is { } refusal)
            return refusal;
        if (!ClusterEndpoint.Of(cluster).IsSuccess(out var endpoint, out failure))
            return failure;
        if (ReadCertificate(user) is not { } certificate)
            return Connection(context, cluster, user, endpoint, certificate: null);

        return certificate.IsSuccess(out var usable, out failure) ? Connection(context, cluster, user, endpoint, usable) : failure;
    }

    private static KubernetesConnection Connection(
        ContextEntry context, ClusterEntry cluster, UserEntry user, ClusterEndpoint endpoint, ClientCertificate? certificate) => new()
        {
            Endpoint = endpoint,
            Cluster = cluster,
            User = user,
            Certificate = certificate,
            Namespace = string.IsNullOrEmpty(context.Namespace) ? "default" : context.Namespace,
            DisplayName = UntrustedText.Bound(
                $"context '{context.Name}' (cluster '{cluster.Name}' at {endpoint.Server.GetLeftPart(UriPartial.Path)}, user '{user.Name}')"),
        };

    private static string? Refusal(UserEntry user)
    {
        if (user.HasAuthProvider && user.Exec is null)
            return $"user '{user.Name}' uses an auth-provider, which Kubernetes removed in 1.26; use an exec plugin";
        if (user.Impersonation.Refusal is { } invalid)
            return $"user '{user.Name}' has {invalid}";
        return user.Exec is null ? null : ExecPlugin.Refusal(user.Exec, user.Name);
    }

    private static Result<ClientCertificate, string>? ReadCertificate(UserEntry user)
    {
        var owner = $"user '{user.Name}'";
        var certificate = EntryContent.Read(user.ClientCertificateData, user.ClientCertificate, "client-certificate", owner);
        var key = EntryContent.Read(user.ClientKeyData, user.ClientKey, "client-key", owner);
        if (certificate is null && key is null)
            return null;
        if (certificate is null || key is null)
            return $"{owner} has a {(key is null ? "client-certificate but no client-key" : "client-key but no client-certificate")}";
        if (!certificate.Value.IsSuccess(out var certificatePem, out var failure) || !key.Value.IsSuccess(out var keyPem, out failure))
            return failure;

        return ClientCertificate.FromPem(certificatePem.Text, keyPem.Text, owner);
    }

    private static string Names(IEnumerable<string> names)
    {
        var list = string.Join(", ", names.Order(StringComparer.Ordinal));
        return list.Length == 0 ? "none" : UntrustedText.Bound(list);
    }
}
