using System.Text;

namespace ImageUpdater.Sandbox.Cluster;

internal static class Kubeconfig
{
    public static string Write(Uri server, string? token, string? certificatePem)
    {
        var text = new StringBuilder();
        text.AppendLine("apiVersion: v1");
        text.AppendLine("kind: Config");
        text.AppendLine("clusters:");
        text.AppendLine("- name: sandbox");
        text.AppendLine("  cluster:");
        text.AppendLine($"    server: {server.GetLeftPart(UriPartial.Authority)}");
        if (certificatePem is not null)
            text.AppendLine($"    certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(certificatePem))}");
        text.AppendLine("users:");
        text.AppendLine("- name: sandbox");
        text.AppendLine(token is null ? "  user: {}" : $"  user:\n    token: {token}");
        text.AppendLine("contexts:");
        text.AppendLine("- name: sandbox");
        text.AppendLine("  context: {cluster: sandbox, user: sandbox, namespace: default}");
        text.AppendLine("current-context: sandbox");
        return text.ToString();
    }
}
