using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes;

internal static class PodMapping
{
    /// <summary>An evicted or completed pod runs nothing any more; the controllers don't count it either.</summary>
    public static bool HasEnded(PodObject pod) => pod.Status?.Phase is "Failed" or "Succeeded";

    public static PodSnapshot ToSnapshot(PodObject pod)
    {
        var meta = pod.Metadata;
        var owner = meta?.OwnerReferences?.FirstOrDefault(reference => reference.Controller);
        return new PodSnapshot(
            meta?.Name ?? "",
            Terminating: meta?.DeletionTimestamp is not null,
            owner is null ? null : new PodOwner(owner.Kind ?? "", owner.Name ?? "", owner.Uid ?? ""),
            meta?.Labels?.PodTemplateHash ?? meta?.Labels?.ControllerRevisionHash,
            meta?.Annotations?.RestartedAt is { } restartedAt ? OutsideText.Bound(restartedAt) : null,
            Images(pod.Status));
    }

    /// <summary>The labels, which the scheduler goes by, else what the kubelet found.</summary>
    public static Platform? ToPlatform(NodeObject node)
    {
        var os = node.Metadata?.Labels?.Os ?? node.Status?.NodeInfo?.OperatingSystem;
        var architecture = node.Metadata?.Labels?.Architecture ?? node.Status?.NodeInfo?.Architecture;
        return string.IsNullOrEmpty(os) || string.IsNullOrEmpty(architecture) ? null : new Platform(os, architecture);
    }

    private static Dictionary<string, string> Images(PodStatusObject? status)
    {
        var images = new Dictionary<string, string>();
        foreach (var container in (IEnumerable<ContainerStatus>)[.. status?.ContainerStatuses ?? [], .. status?.InitContainerStatuses ?? []])
        {
            // A waiting container's imageID is that of its last run, or of nothing.
            if (container is { Name: { } name, ImageId: { Length: > 0 } image, State.Waiting: null })
                images.TryAdd(name, OutsideText.Bound(image, maxLength: 1024));
        }

        return images;
    }
}
