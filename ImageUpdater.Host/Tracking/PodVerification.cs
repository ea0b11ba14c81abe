using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Tracking;

/// <summary>Reads the pods of a workload, and compares what they run with what a restart was for.</summary>
internal sealed class PodVerification(ClusterClient kubernetes, IObservingState observed)
{
    public async Task<VerificationResult> VerifyAsync(WorkloadSnapshot workload, IReadOnlyList<DigestChange> changes, CancellationToken cancellationToken)
    {
        var listed = await kubernetes.ListPodsAsync(workload.Key.Namespace, workload.PodSelector, cancellationToken);
        if (!listed.IsSuccess(out var pods, out var failure))
            return new VerificationResult(RolloutVerification.Unverified, $"cannot list the pods: {failure.Message}");

        var known = await KnownManifests.LoadAsync(observed, changes.Select(change => change.To), cancellationToken);
        return RolloutVerifier.Verify(workload, pods, changes, known);
    }
}
