using ImageUpdater.Core;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes.Kubeconfig;

namespace ImageUpdater.Kubernetes.Connection;

/// <summary>The connection from inside a pod: address from the environment, token, CA and namespace from the service account folder.</summary>
internal static class InClusterConnection
{
    public const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static string TokenPath(string folder) => Path.Combine(folder, "token");

    /// <summary>Whether the environment variables of a pod are set.</summary>
    public static bool IsAnnounced(Func<string, string?> environment) =>
        !string.IsNullOrEmpty(environment("KUBERNETES_SERVICE_HOST")) && !string.IsNullOrEmpty(environment("KUBERNETES_SERVICE_PORT"));

    public static Result<KubernetesConnection, string> Load(Func<string, string?> environment, string folder)
    {
        var host = environment("KUBERNETES_SERVICE_HOST")!;
        var port = environment("KUBERNETES_SERVICE_PORT")!;
        var address = $"https://{(host.Contains(':') ? $"[{host}]" : host)}:{port}";
        var cluster = new ClusterEntry("in-cluster") { Server = address, CertificateAuthority = Path.Combine(folder, "ca.crt") };
        if (!ClusterEndpoint.Of(cluster).IsSuccess(out var endpoint, out var failure))
            return failure;

        var @namespace = LocalFile.ReadText(Path.Combine(folder, "namespace")).Value?.Trim();
        return new KubernetesConnection
        {
            Endpoint = endpoint,
            Cluster = cluster,
            User = new UserEntry("service account") { TokenFile = TokenPath(folder) },
            Namespace = string.IsNullOrEmpty(@namespace) ? "default" : @namespace,
            IsInPod = true,
            DisplayName = $"the cluster that this pod runs in ({address})",
        };
    }
}
