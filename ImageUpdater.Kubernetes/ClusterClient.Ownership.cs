using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Workloads;

namespace ImageUpdater.Kubernetes;

internal sealed partial class ClusterClient
{
    private const int MaxOwnershipAttempts = 6;

    private static readonly TimeSpan OwnershipRetry = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Gives up the ownership of fields that a patch wrote and that belong to others. Changes metadata only, so that no rollout starts.
    /// </summary>
    /// <returns>Null if ImageUpdater owns none of them, or the workload was deleted and recreated.</returns>
    public async Task<KubernetesFailure?> GiveUpFieldsAsync(WorkloadKey key, string uid, CancellationToken cancellationToken)
    {
        if (ResourceName.Refusal(key.Namespace, key.Name) is { } refusal)
            return refusal;

        var path = WorkloadPath.Of(key);
        var call = new ApiCall<OwnedWorkload>(HttpMethod.Get, path, attempt => attempt.Api.SendAsync(
            HttpMethod.Get, path, patch: null, WorkloadJson.Default.OwnedWorkload, attempt.Headers, attempt.Token));
        for (var attempt = 1; ; attempt++)
        {
            if (!(await calls.MakeAsync(call, cancellationToken)).IsSuccess(out var workload, out var failure))
                return failure.Kind == KubernetesFailureKind.NotFound ? null : failure;
            if (workload.Metadata is not { ResourceVersion: { } version } meta || meta.Uid != uid || FieldOwnership.Without(meta.ManagedFields) is not { } kept)
                return null;

            // Conflicts are common here, because the controller updates the status of the rollout that has just begun.
            if ((await PatchWorkloadAsync(key, WorkloadPatch.ManagedFields(uid, version, kept), cancellationToken)).IsSuccess(out _, out failure))
                return null;
            if (failure.Kind != KubernetesFailureKind.Conflict || attempt == MaxOwnershipAttempts)
                return failure;
            await Task.Delay(attempt * OwnershipRetry, time, cancellationToken);
        }
    }
}
