using System.Text;

namespace ImageUpdater.Sandbox.Cluster;

internal static class Kubeconfig
{
    public static string Write(Uri server, string? certificatePem)
    {
        var trust = certificatePem is null ? "" : $", certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(certificatePem))}";
        return $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: sandbox
              cluster: {server: "{{server.GetLeftPart(UriPartial.Authority)}}"{{trust}}}
            users:
            - name: sandbox
              user: {}
            contexts:
            - name: sandbox
              context: {cluster: sandbox, user: sandbox, namespace: default}
            current-context: sandbox

            """;
    }
}
