using ImageUpdater.Core.Images;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Objects;

internal static class NodeMapping
{
    /// <summary>The labels, which the scheduler goes by, else what the kubelet found.</summary>
    public static Platform? ToPlatform(V1Node node)
    {
        var os = node.GetLabel("kubernetes.io/os") ?? node.Status?.NodeInfo?.OperatingSystem;
        var architecture = node.GetLabel("kubernetes.io/arch") ?? node.Status?.NodeInfo?.Architecture;
        return string.IsNullOrEmpty(os) || string.IsNullOrEmpty(architecture) ? null : new Platform(os, architecture);
    }
}
