using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Objects;

internal static class PodMapping
{
    /// <summary>Evicted and completed pods run no containers; the workload controllers do not count them either.</summary>
    public static bool HasEnded(V1Pod pod) => pod.Status?.Phase is "Failed" or "Succeeded";

    public static PodSnapshot ToSnapshot(V1Pod pod)
    {
        var owner = pod.GetController();
        return new PodSnapshot(
            pod.Name() ?? "",
            Terminating: pod.Metadata?.DeletionTimestamp is not null,
            owner is null ? null : new PodOwner(owner.Kind ?? "", owner.Name ?? "", owner.Uid ?? ""),
            pod.GetLabel("pod-template-hash") ?? pod.GetLabel("controller-revision-hash"),
            pod.GetAnnotation(Annotations.RestartedAt) is { } restartedAt ? UntrustedText.Bound(restartedAt) : null,
            Images(pod.Status))
        {
            Ready = pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true,
            Trouble = PodTroubles.First(pod),
            CreatedAt = pod.Metadata?.CreationTimestamp is { } created ? new DateTimeOffset(created.ToUniversalTime()) : null,
        };
    }

    private static Dictionary<string, string> Images(V1PodStatus? status)
    {
        var images = new Dictionary<string, string>();
        foreach (var container in (IEnumerable<V1ContainerStatus>)[.. status?.ContainerStatuses ?? [], .. status?.InitContainerStatuses ?? []])
        {
            // The imageID of a waiting container is that of its previous run, or empty.
            if (container is { Name: { } name, ImageID: { Length: > 0 } image, State.Waiting: null })
                images.TryAdd(name, UntrustedText.Bound(image, maxLength: 1024));
        }

        return images;
    }
}
