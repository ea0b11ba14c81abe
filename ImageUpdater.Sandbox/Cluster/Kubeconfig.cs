namespace ImageUpdater.Sandbox.Cluster;

internal static class Kubeconfig
{
    public static string Write(Uri server) =>
        $$"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: sandbox
          cluster: {server: "{{server.GetLeftPart(UriPartial.Authority)}}"}
        users:
        - name: sandbox
          user: {}
        contexts:
        - name: sandbox
          context: {cluster: sandbox, user: sandbox, namespace: default}
        current-context: sandbox

        """;
}
