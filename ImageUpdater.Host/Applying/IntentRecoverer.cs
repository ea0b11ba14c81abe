using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Applying;

/// <summary>
/// Finds out what became of intents whose end nobody saw, by reading the workload. Runs at the start of every cycle: until an
/// intent is recovered its workload is left alone, so that no digest is rolled out twice.
/// </summary>
internal sealed partial class IntentRecoverer(ClusterClient kubernetes, IApplyingState store, TimeProvider time, ILogger<IntentRecoverer> logger)
{
    // What a refused patch left behind says why it was refused, and cannot arrive any more.
    private const string NeverArrived = "the patch never arrived";
    private const int LookBack = 20;

    /// <summary>Where a workload can't be read, its intent stays open until it can.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        foreach (var intent in await store.OpenRolloutsAsync(cancellationToken))
        {
            if (intent.State != RolloutState.Intended)
                continue;

            var answer = await kubernetes.GetWorkloadAsync(intent.Workload, cancellationToken);
            if (answer.IsSuccess(out var workload, out var failure))
                await RecoverAsync(intent, workload, cancellationToken);
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
    /// One that is still there stays open for the patch that may yet arrive, and for the next one: what takes it off has its record either
    /// way. Once nobody is to take it off any more, what was begun is forgotten.
    /// </summary>
    private async Task RecoverAsync(FinalizerRemoval removal, WorkloadSnapshot now, CancellationToken cancellationToken)
    {
        if (now.Uid != removal.Uid || !now.HasLegacyFinalizer)
            await FinalizerGoneAsync(removal, cancellationToken);
        else if (!ContainerSelection.IsEnabled(now.Annotations))
            await store.EndFinalizerRemovalAsync(removal.Uid, record: null, cancellationToken);
    }

    /// <summary>Whether it was us who took off the finalizer that is gone by now. The state says so afterwards.</summary>
    public async Task<bool> IsFinalizerGoneAsync(string uid, CancellationToken cancellationToken)
    {
        var open = await store.OpenFinalizerRemovalsAsync(cancellationToken);
        return open.FirstOrDefault(removal => removal.Uid == uid) is { } begun && await FinalizerGoneAsync(begun, cancellationToken);
    }

    /// <summary>The finalizer is gone, or the workload whose deletion hung on it.</summary>
    private Task<bool> FinalizerGoneAsync(FinalizerRemoval removal, CancellationToken cancellationToken) =>
        store.EndFinalizerRemovalAsync(removal.Uid, AuditRecords.FinalizerRemoved(removal, time.GetUtcNow(), recovered: true), cancellationToken);

    /// <summary>Whether the patch arrived. The state says so afterwards, in the same words as if the answer had been seen.</summary>
    public async Task<bool> RecoverAsync(Rollout intent, WorkloadSnapshot now, CancellationToken cancellationToken)
    {
        // An earlier patch that was given up may have overtaken this one: its time, to the second, is in the workload then.
        var overtaken = now.RestartedAt != intent.RestartedAt && await LateAsync(now, intent.Id, exactly: true, cancellationToken) is not null;
        var arrived = !overtaken && now.Uid == intent.Uid && IntentRecovery.PatchArrived(intent, now);
        Recovered(intent.Workload, intent.Id, arrived);
        if (arrived)
            await ArrivedAsync(intent, now, cancellationToken);
        else
            await store.MarkNotAppliedAsync(intent.Id, NeverArrived, record: null, cancellationToken);

        return arrived;
    }

    /// <summary>
    /// Whether a patch that was taken as never arrived did arrive since: a slow API server may act on a request whose sender is
    /// long dead. Asked before each new patch.
    /// </summary>
    public async Task<Rollout?> FindLateAsync(WorkloadSnapshot now, CancellationToken cancellationToken)
    {
        if (await LateAsync(now, besides: null, exactly: false, cancellationToken) is not { } late)
            return null;

        Recovered(late.Workload, late.Id, arrived: true);
        await ArrivedAsync(late, now, cancellationToken);
        return late;
    }

    /// <summary>The same of all workloads whose digest is another than in the state. Those may lag behind a patch that arrived late.</summary>
    /// <returns>Whether any did, so that the state say something else now.</returns>
    public async Task<bool> RecoverLateAsync(RolloutPlan plan, IReadOnlyList<WorkloadSnapshot> workloads, CancellationToken cancellationToken)
    {
        var any = false;
        var news = plan.Workloads.Where(workload => workload.Containers.Any(container => container.To is { } to && to != container.From))
            .Select(workload => workload.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var workload in workloads.Where(workload => news.Contains(workload.Uid)))
            any |= await FindLateAsync(workload, cancellationToken) is not null;
        return any;
    }

    private Task<bool> ArrivedAsync(Rollout rollout, WorkloadSnapshot now, CancellationToken cancellationToken) =>
        store.MarkPatchedAsync(rollout.Id, now.ResourceVersion, AuditRecords.Restarted(rollout, time.GetUtcNow(), recovered: true), cancellationToken);

    // Only those given up since the last patch that is known to have arrived: it made the patches before it conflicts.
    private async Task<Rollout?> LateAsync(WorkloadSnapshot now, string? besides, bool exactly, CancellationToken cancellationToken)
    {
        var newest = await store.RolloutsOfAsync(now.Uid, LookBack, cancellationToken);
        var candidates = newest.Where(rollout => rollout.Id != besides)
            .TakeWhile(rollout => rollout.State == RolloutState.NotApplied)
            .Where(rollout => rollout.Outcome == NeverArrived && IntentRecovery.PatchArrived(rollout, now))
            .ToList();
        return candidates.Find(rollout => rollout.RestartedAt == now.RestartedAt) ?? (exactly ? null : candidates.FirstOrDefault());
    }

    [LoggerMessage(200, LogLevel.Information, "Intent {RolloutId} for {Workload} recovered: the patch arrived: {Arrived}")]
    private partial void Recovered(WorkloadKey workload, string rolloutId, bool arrived);
}
