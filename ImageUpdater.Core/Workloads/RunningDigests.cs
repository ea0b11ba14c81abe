using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Workloads;

/// <summary>The digests that the pods of a workload's current revision report.</summary>
/// <remarks>
/// Only a workload whose rollout is complete has nothing but pods of the current revision, terminating ones left out:
/// neither ReplicaSets nor ControllerRevisions need to be read for it.
/// </remarks>
public static class RunningDigests
{
    private static readonly string[] RuntimePrefixes = ["docker-pullable://", "docker://"];

    /// <summary>Pods that belong to the workload, are not going away, and came from its present template.</summary>
    public static IReadOnlyList<PodSnapshot> CurrentPods(WorkloadSnapshot workload, IEnumerable<PodSnapshot> pods) =>
        [.. pods.Where(pod =>
            !pod.Terminating
            && OwnerOf(pod) == OwnerOf(workload)
            && pod.RestartedAt == workload.RestartedAt
            && (workload.Key.Kind != WorkloadKind.StatefulSet || workload.Status.UpdateRevision is null || pod.RevisionHash == workload.Status.UpdateRevision))];

    /// <summary>
    /// Those of <see cref="CurrentPods"/> that belong to the newest revision, for a workload whose rollout has not ended: the revision whose
    /// first pod was created last. ReplicaSets would tell, but are not read.
    /// </summary>
    public static IReadOnlyList<PodSnapshot> PodsOfNewestRevision(WorkloadSnapshot workload, IEnumerable<PodSnapshot> pods) =>
    [
        .. CurrentPods(workload, pods).GroupBy(pod => pod.RevisionHash, StringComparer.Ordinal)
            .MaxBy(revision => (revision.Min(pod => pod.CreatedAt) ?? DateTimeOffset.MinValue, revision.Key)) ?? Enumerable.Empty<PodSnapshot>(),
    ];

    /// <summary>Identifies the pods of a workload. A Deployment's pods are owned by a ReplicaSet, so only the name can be compared.</summary>
    public static string OwnerOf(WorkloadSnapshot workload) => workload.Key.Kind == WorkloadKind.Deployment ? OfDeployment(workload.Key.Name) : workload.Uid;

    /// <returns>Null when the pod has no owner.</returns>
    public static string? OwnerOf(PodSnapshot pod) =>
        pod.Owner is { Kind: "ReplicaSet" } owner && $"-{pod.RevisionHash}" is var hash && owner.Name.EndsWith(hash, StringComparison.Ordinal)
            ? OfDeployment(owner.Name[..^hash.Length])
            : pod.Owner?.Uid;

    /// <summary>
    /// The digest behind a pod's imageID, with the repository it was reported for. Bare ids and <c>docker://</c> ids name a config,
    /// not a manifest: they come back without a repository.
    /// </summary>
    public static (string? Repository, Digest Digest)? ReadImageId(string imageId)
    {
        var text = imageId;
        foreach (var prefix in RuntimePrefixes)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                text = text[prefix.Length..];
        }

        var at = text.LastIndexOf('@');
        if (!Digest.TryParse(text[(at + 1)..], out var digest))
            return null;
        if (at <= 0)
            return (null, digest);

        return ImageReference.TryParse(text[..at], out var name) ? ($"{name.Registry}/{name.Repository}", digest) : (null, digest);
    }

    // No uid has a slash in it.
    private static string OfDeployment(string name) => "deployment/" + name;
}
