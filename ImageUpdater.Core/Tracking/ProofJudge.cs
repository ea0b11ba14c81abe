using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Tracking;

public readonly record struct ProofVerdict(RolloutProof Proof, string Explanation);

/// <summary>Compares what the pods run after a rollout with what it was for. It explains; it never causes another restart.</summary>
public static class ProofJudge
{
    public static ProofVerdict Judge(
        WorkloadSnapshot workload, IEnumerable<PodSnapshot> pods, IReadOnlyList<DigestChange> changes, Func<Digest, Manifest?> known)
    {
        if (workload.Status.OnDelete)
            return new(RolloutProof.NotProvable, "the update strategy is OnDelete: pods wait for deletion");
        if (workload.Status.Partition > 0)
            return new(RolloutProof.NotProvable, "the StatefulSet has a partition: not all its pods are new");

        var current = RunningDigests.CurrentPods(workload, pods);
        if (current.Count == 0)
            return new(RolloutProof.NotProvable, "there are no pods to look at");

        var worst = new ProofVerdict(RolloutProof.Proven, "all its pods run the new digest");
        foreach (var change in changes)
        {
            foreach (var pod in current)
            {
                var verdict = Judge(pod, change, known);
                if (verdict.Proof > worst.Proof)
                    worst = verdict;
            }
        }

        return worst;
    }

    private static ProofVerdict Judge(PodSnapshot pod, DigestChange change, Func<Digest, Manifest?> known)
    {
        if (!pod.Images.TryGetValue(change.Container, out var imageId) || RunningDigests.ReadImageId(imageId) is not { } reported)
            return new(RolloutProof.NotProvable, $"pod {pod.Name} does not say what {change.Container} runs");
        if (ManifestMatch.Stands(reported.Digest, change.To, known(change.To), known))
            return new(RolloutProof.Proven, "");
        if (reported.Repository is null)
            return new(RolloutProof.NotProvable, $"the runtime of pod {pod.Name} reports an image id, not a digest, for {change.Container}");

        return new(
            RolloutProof.Different,
            $"pod {pod.Name} reports {reported.Digest.Abbreviated} for {change.Container}: the tag may serve another one by now, the node may have kept a cached image (imagePullPolicy), or a mirror may lag");
    }
}
