using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Applying;

/// <summary>
/// Reads the workloads of intents with an unknown outcome to find out whether their patch arrived. Runs at the start of every cycle: until
/// its intent is recovered a workload is not restarted, so that no digest is rolled out twice.
/// </summary>
internal sealed partial class IntentRecoverer(ClusterClient kubernetes, IApplyingState store, TimeProvider time, ILogger<IntentRecoverer> logger)
{
    // Stored as the outcome, and compared with it: a rejected patch has another outcome, and can no longer arrive.
    public const string NeverArrived = "the patch never arrived";
    private const int LookBack = 20;

    /// <summary>Recovers all open intents. An intent stays open while its workload can't be read.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        foreach (var intent in await store.OpenRolloutsAsync(cancellationToken))
        {
            if (intent.State != RolloutState.Intended)
                continue;

            var answer = await kubernetes.GetWorkloadAsync(intent.Workload, cancellationToken);
            if (answer.IsSuccess(out var workload, out var failure))
                await RecoverAsync(intent, workload, ifNotArrived: null, cancellationToken);
            else if (failure.Kind == KubernetesFailureKind.NotFound)
                await store.MarkNotAppliedAsync(intent.Id, "the workload was deleted", record: null, cancellationToken);
        }

        foreach (var removal in await store.OpenFinalizerRemovalsAsync(cancellationToken))
        {
            var answer = await kubernetes.GetWorkloadAsync(removal.Workload, cancellationToken);
            if (answer.IsSuccess(out var workload, out var failure))
                await RecoverAsync(removal, workload, cancellationToken);
            else if (failure.Kind == KubernetesFailureKind.NotFound)
                await FinalizerGoneAsync(removal, cancellationToken);
        }
    }

    /// <summary>
    /// While the finalizer exists, the removal stays open for a patch that may still arrive and for the next attempt, so that its audit record
    /// is written either way. It is discarded once the workload is no longer enabled.
    /// </summary>
    private async Task RecoverAsync(FinalizerRemoval removal, WorkloadSnapshot now, CancellationToken cancellationToken)
    {
        if (now.Uid != removal.Uid || !now.HasLegacyFinalizer)
            await FinalizerGoneAsync(removal, cancellationToken);
        else if (!ContainerSelection.IsEnabled(now.Annotations))
            await store.EndFinalizerRemovalAsync(removal.Uid, record: null, cancellationToken);
    }

    /// <summary>Whether ImageUpdater removed the finalizer, which no longer exists. Records it in the state.</summary>
    public async Task<bool> IsFinalizerGoneAsync(string uid, CancellationToken cancellationToken)
    {
        var open = await store.OpenFinalizerRemovalsAsync(cancellationToken);
        return open.FirstOrDefault(removal => removal.Uid == uid) is { } begun && await FinalizerGoneAsync(begun, cancellationToken);
    }

    /// <summary>Ends a removal whose finalizer, or whose workload, no longer exists.</summary>
    private Task<bool> FinalizerGoneAsync(FinalizerRemoval removal, CancellationToken cancellationToken) =>
        store.EndFinalizerRemovalAsync(removal.Uid, AuditRecords.FinalizerRemoved(removal, time.GetUtcNow(), recovered: true), cancellationToken);

    /// <summary>Whether the patch arrived. Records it in the state, as if the response had been received.</summary>
    /// <param name="ifNotArrived">The audit record of a patch that did not, if nobody tries again; else null.</param>
    public async Task<bool> RecoverAsync(Rollout intent, WorkloadSnapshot now, AuditRecord? ifNotArrived, CancellationToken cancellationToken)
    {
        // An earlier patch that was given up may have arrived instead. Its restartedAt is then in the workload.
        var overtaken = now.RestartedAt != intent.RestartedAt && await LateAsync(now, intent.Id, exactly: true, cancellationToken) is not null;
        var arrived = !overtaken && now.Uid == intent.Uid && IntentRecovery.PatchArrived(intent, now);
        Recovered(intent.Workload, intent.Id, arrived);
        if (arrived)
            await ArrivedAsync(intent, now, cancellationToken);
        else
            await store.MarkNotAppliedAsync(intent.Id, NeverArrived, ifNotArrived, cancellationToken);

        return arrived;
    }

    /// <summary>
    /// Whether a patch that was recorded as not arrived has arrived since: a slow API server may still process a request after its sender
    /// has died. Checked before each new patch.
    /// </summary>
    public async Task<Rollout?> FindLateAsync(WorkloadSnapshot now, CancellationToken cancellationToken)
    {
        if (await LateAsync(now, except: null, exactly: false, cancellationToken) is not { } late)
            return null;

        Recovered(late.Workload, late.Id, arrived: true);
        await ArrivedAsync(late, now, cancellationToken);
        return late;
    }

    /// <summary>The same for all workloads whose digest differs from the state, which may be out of date because a patch took effect after it was given up.</summary>
    /// <returns>Whether any patch had arrived, so that the state has changed.</returns>
    public async Task<bool> RecoverLateAsync(RolloutPlan plan, IReadOnlyList<WorkloadSnapshot> workloads, CancellationToken cancellationToken)
    {
        var any = false;
        var news = plan.Workloads.Where(workload => workload.Containers.Any(container => container.To is { } to && to != container.From))
            .Select(workload => workload.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var workload in workloads.Where(workload => news.Contains(workload.Uid)))
        {
            if (await LateAsync(workload, except: null, exactly: false, cancellationToken) is null)
                continue;

            // An informer may lag behind: what is recorded is decided by a read.
            var read = await kubernetes.GetWorkloadAsync(workload.Key, cancellationToken);
            any |= read.Value is { } now && now.Uid == workload.Uid && await FindLateAsync(now, cancellationToken) is not null;
        }

        return any;
    }

    private Task<bool> ArrivedAsync(Rollout rollout, WorkloadSnapshot now, CancellationToken cancellationToken) =>
        store.MarkPatchedAsync(rollout.Id, now.ResourceVersion, AuditRecords.Restarted(rollout, time.GetUtcNow(), recovered: true), cancellationToken);

    // Only patches given up since the last one that arrived: it changed resourceVersion, so that earlier patches can only conflict.
    private async Task<Rollout?> LateAsync(WorkloadSnapshot now, string? except, bool exactly, CancellationToken cancellationToken)
    {
        if (!(await store.LastNotAppliedAsync(cancellationToken)).Contains(now.Uid))
            return null;

        var newest = await store.RolloutsOfAsync(now.Uid, LookBack, cancellationToken);
        var candidates = newest.Where(rollout => rollout.Id != except)
            .TakeWhile(rollout => rollout.State == RolloutState.NotApplied)
            .Where(rollout => rollout.Outcome == NeverArrived && IntentRecovery.PatchArrived(rollout, now))
            .ToList();
        return candidates.Find(rollout => rollout.RestartedAt == now.RestartedAt) ?? (exactly ? null : candidates.FirstOrDefault());
    }

    [LoggerMessage(200, LogLevel.Information, "Recovered intent {Rollout} of {Workload}; patch arrived: {Arrived}")]
    private partial void Recovered(WorkloadKey workload, string rollout, bool arrived);
}
