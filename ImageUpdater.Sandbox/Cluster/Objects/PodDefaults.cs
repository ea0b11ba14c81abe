using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>What the API server fills in for pods and pod templates.</summary>
internal static class PodDefaults
{
    public static void Apply(JsonObject podSpec)
    {
        podSpec.Default("restartPolicy", "Always");
        podSpec.Default("terminationGracePeriodSeconds", 30);
        podSpec.Default("dnsPolicy", "ClusterFirst");
        podSpec.Default("securityContext", new JsonObject());
        podSpec.Default("schedulerName", "default-scheduler");
        // The old name of the field is kept beside the new one.
        if (podSpec["serviceAccountName"] is { } account) podSpec.Default("serviceAccount", account.DeepClone());
        foreach (JsonObject container in podSpec.Items("containers")) Container(container);
        foreach (JsonObject container in podSpec.Items("initContainers")) Container(container);
    }

    private static void Container(JsonObject container)
    {
        container.Default("resources", new JsonObject());
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        string image = container.Text("image") ?? "";
        container.Default("imagePullPolicy", ImageName.Parse(image).Tag == "latest" ? "Always" : "IfNotPresent");
        foreach (JsonObject port in container.Items("ports")) port.Default("protocol", "TCP");
    }
}
