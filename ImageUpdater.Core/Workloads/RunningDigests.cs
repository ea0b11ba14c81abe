using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Workloads;

/// <summary>What the pods of a workload's current revision say that they run.</summary>
/// <remarks>
/// Only a workload whose rollout is complete has nothing but pods of the current revision, terminating ones left out:
/// neither ReplicaSets nor ControllerRevisions need to be read for it, and the operator has no permission to.
/// </remarks>
public static class RunningDigests
{
    private static readonly string[] RuntimePrefixes = ["docker-pullable://", "docker://"];

    /// <summary>Pods that belong to the workload, are not going away, and came from its present template.</summary>
    public static IReadOnlyList<PodSnapshot> CurrentPods(WorkloadSnapshot workload, IEnumerable<PodSnapshot> pods) =>
        [.. pods.Where(pod =>
            !pod.Terminating
            && IsOwned(workload, pod)
            && pod.RestartedAt == workload.RestartedAt
            && (workload.Key.Kind != WorkloadKind.StatefulSet || workload.Status.UpdateRevision is null || pod.RevisionHash == workload.Status.UpdateRevision))];

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

    private static bool IsOwned(WorkloadSnapshot workload, PodSnapshot pod) => workload.Key.Kind == WorkloadKind.Deployment
        ? pod.Owner is { Kind: "ReplicaSet" } owner && owner.Name == $"{workload.Key.Name}-{pod.RevisionHash}"
        : pod.Owner?.Uid == workload.Uid;
}
