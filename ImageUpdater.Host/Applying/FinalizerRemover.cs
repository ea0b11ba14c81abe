using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Workloads;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Applying;

/// <summary>Removes the former operator's finalizer from a workload, with intent, patch and result as for a restart.</summary>
internal sealed class FinalizerRemover(ClusterClient kubernetes, IntentRecoverer intents, IApplyingState store, Instruments instruments, TimeProvider time)
{
    private const int MaxAttempts = 6;

    public async Task<AppliedChange> RemoveAsync(WorkloadPlan change, ApplyContext context, CancellationToken cancellationToken)
    {
        var mayArrive = false;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var read = await kubernetes.GetWorkloadAsync(change.Key, cancellationToken);
            if (!read.IsSuccess(out var workload, out var failure) && failure.Kind != KubernetesFailureKind.NotFound)
                return await FailedAsync(failure.Message);
            if (workload is null || workload.Uid != change.Uid || !workload.HasLegacyFinalizer)
                return await intents.IsFinalizerGoneAsync(change.Uid, cancellationToken) ? Removed() : NotNeeded(workload);

            var intent = new FinalizerRemoval(change.Key, change.Uid, context.Actor, context.PlanId, time.GetUtcNow(), WorkloadPatch.RemoveLegacyFinalizer(workload));
            // A removal that was already open may have a patch in flight.
            mayArrive |= !await store.BeginFinalizerRemovalAsync(intent, cancellationToken) && attempt == 1;
            if ((await kubernetes.PatchWorkloadAsync(change.Key, intent.Patch, cancellationToken)).IsSuccess(out _, out failure))
            {
                await store.EndFinalizerRemovalAsync(change.Uid, AuditRecords.FinalizerRemoved(intent, time.GetUtcNow(), recovered: false), CancellationToken.None);
                return Removed();
            }

            mayArrive |= failure.MayHaveArrived;
            if (failure.Kind == KubernetesFailureKind.Conflict)
                instruments.Conflicted();
            else if (!failure.MayHaveArrived && failure.Kind != KubernetesFailureKind.NotFound)
                return await FailedAsync(failure.Message);
        }

        return await FailedAsync($"the workload changed during each of {MaxAttempts} attempts");

        // If a patch may still arrive, the removal stays open for the next cycle.
        async Task<AppliedChange> FailedAsync(string why)
        {
            if (!mayArrive)
                await store.EndFinalizerRemovalAsync(change.Uid, record: null, CancellationToken.None);
            return new(change.Key, ApplyOutcome.Failed, $"cannot remove the finalizer of the former operator: {why}");
        }

        AppliedChange NotNeeded(WorkloadSnapshot? now) => new(
            change.Key, ApplyOutcome.NotNeeded, now?.Uid == change.Uid ? "the finalizer is already removed" : "the workload was deleted with its finalizer");

        AppliedChange Removed() => new(change.Key, ApplyOutcome.FinalizerRemoved, "removed the finalizer of the former operator");
    }
}
