using System.Text;
using System.Text.Json;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes.Kubeconfig;

namespace ImageUpdater.Kubernetes.Credentials;

/// <summary>Content of KUBERNETES_EXEC_INFO, the input of an exec plugin.</summary>
internal static class ExecInfo
{
    public static string Json(ExecSettings settings, ClusterEntry cluster, bool interactive)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", settings.ApiVersion);
            writer.WriteString("kind", "ExecCredential");
            writer.WriteStartObject("spec");
            writer.WriteBoolean("interactive", interactive);
            if (settings.ProvideClusterInfo)
                WriteCluster(writer, cluster);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteCluster(Utf8JsonWriter writer, ClusterEntry cluster)
    {
        writer.WriteStartObject("cluster");
        writer.WriteString("server", cluster.Server);
        if (cluster.TlsServerName is not null)
            writer.WriteString("tls-server-name", cluster.TlsServerName);
        if (cluster.InsecureSkipTlsVerify)
            writer.WriteBoolean("insecure-skip-tls-verify", value: true);
        if (AuthorityData(cluster) is { } data)
            writer.WriteString("certificate-authority-data", data);
        if (cluster.ProxyUrl is not null)
            writer.WriteString("proxy-url", cluster.ProxyUrl);
        if (cluster.ExecConfig is not null)
        {
            writer.WritePropertyName("config");
            writer.WriteRawValue(cluster.ExecConfig);
        }

        writer.WriteEndObject();
    }

    // The ExecCredential API passes the certificate's content, even if the kubeconfig names a file.
    private static string? AuthorityData(ClusterEntry cluster) =>
        cluster.CertificateAuthorityData
        ?? (cluster.CertificateAuthority is { } path && LocalFile.ReadText(path).Value is { } pem
            ? Convert.ToBase64String(Encoding.UTF8.GetBytes(pem))
            : null);
}
