using System.Text.Json.Nodes;

namespace ImageUpdater.IntegrationTests.Parts;

public static class RunnablePods
{
    /// <summary>Pods that a real kubelet can start and stop quickly: busybox (in the image, see OciLayout), sleeping.</summary>
    public static JsonObject Runnable(this JsonObject workload)
    {
        workload["spec"]!["template"]!["spec"]!["terminationGracePeriodSeconds"] = 0;
        return workload;
    }
}
