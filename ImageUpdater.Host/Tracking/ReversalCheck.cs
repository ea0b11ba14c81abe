using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Tracking;

/// <summary>
/// Finds restarts that succeeded and were reverted since. Pods are read only if the template shows that, once for each
/// version of the workload: with imagePullPolicy Always they may still run the digest.
/// </summary>
internal sealed class ReversalCheck(ClusterClient kubernetes, PodVerification pods, IApplyingState store, TimeProvider time)
{
    private const int LookBack = 20;

    // The version of each workload at which nothing was found.
    private readonly Dictionary<string, string> checkedAt = new(StringComparer.Ordinal);

    /// <returns>Whether any was found, so that the state has changed.</returns>
    public async Task<bool> CheckAsync(IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlyDictionary<ContainerId, Baseline> baselines, CancellationToken cancellationToken)
    {
        var last = await store.LastSucceededAsync(cancellationToken);
        var any = false;
        foreach (var workload in last.Count == 0 ? [] : workloads)
        {
            if (last.TryGetValue(workload.Uid, out var restart) && MayBeReverted(restart, workload) && checkedAt.GetValueOrDefault(workload.Uid) != workload.ResourceVersion)
                any |= await CheckAsync(workload, restart, baselines, cancellationToken);
        }

        foreach (var gone in checkedAt.Keys.Where(uid => !last.ContainsKey(uid)).ToList())
            checkedAt.Remove(gone);
        return any;
    }

    private async Task<bool> CheckAsync(WorkloadSnapshot seen, LastRestart restart, IReadOnlyDictionary<ContainerId, Baseline> baselines, CancellationToken cancellationToken)
    {
        // An informer may lag behind: what is recorded is decided by a read.
        var read = await kubernetes.GetWorkloadAsync(seen.Key, cancellationToken);
        if (read.Value is not { } workload || workload.Uid != seen.Uid || !MayBeReverted(restart, workload))
            return false;

        var rollout = (await store.RolloutsOfAsync(workload.Uid, LookBack, cancellationToken)).FirstOrDefault(rollout => rollout.Id == restart.RolloutId);
        if (rollout is null || RolloutReversal.Standing(rollout, workload, baselines) is not { Count: > 0 } changes)
            return false;

        var verification = await pods.VerifyAsync(workload, changes, cancellationToken);
        if (verification.Verification != RolloutVerification.Mismatch)
        {
            checkedAt[workload.Uid] = workload.ResourceVersion;
            return false;
        }

        var outcome = $"the rollout succeeded; later, {RolloutReversal.Describe(rollout, workload)}";
        var end = new RolloutEnd(RolloutState.Reverted, time.GetUtcNow(), outcome, verification.Verification, verification.Explanation, verification.Mismatched);
        return await store.MarkRevertedAsync(rollout.Id, end, AuditRecords.Ended(rollout, end), cancellationToken);
    }

    private static bool MayBeReverted(LastRestart restart, WorkloadSnapshot workload) =>
        RolloutReversal.IsReverted(restart, workload) && RolloutStatusRules.Evaluate(workload).State == RolloutProgress.Done;
}
