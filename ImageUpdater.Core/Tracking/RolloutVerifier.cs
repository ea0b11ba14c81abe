using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Tracking;

public readonly record struct VerificationResult(RolloutVerification Verification, string Explanation);

/// <summary>Compares what the pods run after a rollout with what it was for. The result is reported only; it never causes another restart.</summary>
public static class RolloutVerifier
{
    public static VerificationResult Verify(
        WorkloadSnapshot workload, IEnumerable<PodSnapshot> pods, IReadOnlyList<DigestChange> changes, Func<Digest, Manifest?> known)
    {
        if (workload.Status.OnDelete)
            return new(RolloutVerification.Unverified, "update strategy is OnDelete: pods are replaced only when they are deleted");
        if (workload.Status.Partition > 0)
            return new(RolloutVerification.Unverified, "the StatefulSet has a partition: not all pods are updated");

        var current = RunningDigests.CurrentPods(workload, pods);
        if (current.Count == 0)
            return new(RolloutVerification.Unverified, "there are no pods to check");

        var worst = new VerificationResult(RolloutVerification.Verified, "all pods run the new digest");
        foreach (var change in changes)
        {
            foreach (var pod in current)
            {
                var verdict = Verify(pod, change, known);
                if (verdict.Verification > worst.Verification)
                    worst = verdict;
            }
        }

        return worst;
    }

    /// <summary>Whether all pods of the current revision, and at least one, report this digest.</summary>
    public static bool AllRun(WorkloadSnapshot workload, IEnumerable<PodSnapshot> pods, string container, Digest digest, Func<Digest, Manifest?> known)
    {
        if (workload.Status.OnDelete || workload.Status.Partition > 0)
            return false;

        var current = RunningDigests.CurrentPods(workload, pods);
        return current.Count > 0 && current.All(pod => pod.Images.TryGetValue(container, out var imageId)
            && RunningDigests.ReadImageId(imageId) is { } reported && ManifestMatch.Stands(reported.Digest, digest, known(digest), known));
    }

    private static VerificationResult Verify(PodSnapshot pod, DigestChange change, Func<Digest, Manifest?> known)
    {
        if (!pod.Images.TryGetValue(change.Container, out var imageId) || RunningDigests.ReadImageId(imageId) is not { } reported)
            return new(RolloutVerification.Unverified, $"pod {pod.Name} reports no image digest for {change.Container}");
        if (ManifestMatch.Stands(reported.Digest, change.To, known(change.To), known))
            return new(RolloutVerification.Verified, "");
        if (reported.Repository is null)
            return new(RolloutVerification.Unverified, $"the runtime of pod {pod.Name} reports an image id, not a digest, for {change.Container}");

        return new(
            RolloutVerification.Mismatch,
            $"pod {pod.Name} reports {reported.Digest.Abbreviated} for {change.Container}: the tag may have moved since, the node may have used a cached image (imagePullPolicy), or a mirror may be behind");
    }
}
