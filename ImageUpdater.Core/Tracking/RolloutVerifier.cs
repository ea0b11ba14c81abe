using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Tracking;

/// <param name="Mismatched">Containers of which a pod reports another digest; null if there are none.</param>
/// <param name="LikelyCause">Why a new pod runs another digest; null if none does.</param>
public readonly record struct VerificationResult(RolloutVerification Verification, string Explanation, IReadOnlyList<string>? Mismatched = null, string? LikelyCause = null);

/// <summary>Compares what the pods run after a rollout with what it was for. The result never causes another restart.</summary>
public static class RolloutVerifier
{
    public static VerificationResult Verify(
        WorkloadSnapshot workload, IEnumerable<PodSnapshot> pods, IReadOnlyList<DigestChange> changes, Func<Digest, Manifest?> known)
    {
        // Only pods that were created after the restart: others can't run its digest.
        var current = RunningDigests.CurrentPods(workload, pods);
        var worst = new VerificationResult(RolloutVerification.Verified, "all pods run the new digest");
        var mismatched = new List<string>();
        foreach (var change in changes)
        {
            foreach (var pod in current)
            {
                var verdict = Verify(workload, pod, change, known);
                if (verdict.Verification > worst.Verification)
                    worst = verdict;
                if (verdict.Verification == RolloutVerification.Mismatch && !mismatched.Contains(change.Container))
                    mismatched.Add(change.Container);
            }
        }

        if (mismatched.Count > 0)
            return worst with { Mismatched = mismatched };
        if (PodReplacement.Waiting(workload) is { } waiting)
            return new(RolloutVerification.Unverified, waiting);
        return current.Count == 0 ? new(RolloutVerification.Unverified, "there are no pods to check") : worst;
    }

    /// <summary>Whether all pods of the current revision, and at least one, report this digest.</summary>
    public static bool AllRun(WorkloadSnapshot workload, IEnumerable<PodSnapshot> pods, string container, Digest digest, Func<Digest, Manifest?> known)
    {
        if (PodReplacement.Waiting(workload) is not null)
            return false;

        var current = RunningDigests.CurrentPods(workload, pods);
        return current.Count > 0 && current.All(pod => pod.Images.TryGetValue(container, out var imageId)
            && RunningDigests.ReadImageId(imageId) is { } reported && ManifestMatch.Stands(reported.Digest, digest, known(digest), known));
    }

    private static VerificationResult Verify(WorkloadSnapshot workload, PodSnapshot pod, DigestChange change, Func<Digest, Manifest?> known)
    {
        if (!pod.Images.TryGetValue(change.Container, out var imageId) || RunningDigests.ReadImageId(imageId) is not { } reported)
            return new(RolloutVerification.Unverified, $"pod {pod.Name} reports no image digest for {change.Container}");
        if (ManifestMatch.Stands(reported.Digest, change.To, known(change.To), known))
            return new(RolloutVerification.Verified, "");
        if (reported.Repository is null)
            return new(RolloutVerification.Unverified, $"the runtime of pod {pod.Name} reports an image id, not a digest, for {change.Container}");

        return new(
            RolloutVerification.Mismatch,
            $"pod {pod.Name} reports {reported.Digest.Abbreviated} for {change.Container}, not {change.To.Abbreviated}",
            LikelyCause: LikelyCause(workload, change.Container));
    }

    private static string LikelyCause(WorkloadSnapshot workload, string container) =>
        workload.Containers.Concat(workload.InitContainers).FirstOrDefault(spec => spec.Name == container)?.PullPolicy is { } policy and not "Always"
            ? $"with imagePullPolicy {policy} the node may have used a cached image"
            : "the tag may have moved since, or a mirror may be behind";
}
