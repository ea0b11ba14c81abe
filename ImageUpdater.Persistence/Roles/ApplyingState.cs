using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.State;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

internal sealed class ApplyingState(StateDatabase database, TimeProvider time) : IApplyingState
{
    private readonly FinalizerRemovals finalizers = new(database);

    public Task<IReadOnlyList<Rollout>> OpenRolloutsAsync(CancellationToken cancellationToken) => database.Cache.OpenRollouts.GetAsync(cancellationToken);

    public Task<IReadOnlyList<Rollout>> RolloutsOfAsync(string uid, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(context => RolloutQueries.OfAsync(context, uid, limit, cancellationToken));

    public Task BeginRolloutAsync(Rollout intent, CancellationToken cancellationToken) => database.WriteAsync(
        context =>
        {
            context.Rollouts.Add(RolloutRow.Of(intent));
            return Task.FromResult(true);
        },
        cancellationToken);

    public Task<bool> MarkPatchedAsync(string rolloutId, string resourceVersionAfter, AuditRecord record, CancellationToken cancellationToken) => ChangeAsync(
        rolloutId,
        async (context, rollout) =>
        {
            var running = await context.Rollouts
                .Where(row => row.WorkloadUid == rollout.Uid && row.State == RolloutState.Running).ToListAsync(cancellationToken);
            var held = await context.Quarantine.Where(row => row.WorkloadUid == rollout.Uid).ToListAsync(cancellationToken);
            var change = RolloutChanges.Patched(
                rollout, resourceVersionAfter, record, [.. running.Select(row => row.ToRollout())], [.. held.Select(row => row.ToQuarantined())], time.GetUtcNow());
            if (change is null)
                return null;

            await ContainerRows.AddWorkloadsAsync(context, new Dictionary<string, WorkloadKey> { [rollout.Uid] = rollout.Workload }, cancellationToken);
            await ContainerRows.SaveBaselinesAsync(context, rollout.Baselines, cancellationToken);
            await ContainerRows.SavePullPoliciesAsync(context, rollout, cancellationToken);
            return change;
        },
        cancellationToken);

    public Task<bool> MarkNotAppliedAsync(string rolloutId, string reason, AuditRecord? record, CancellationToken cancellationToken) =>
        ChangeAsync(rolloutId, rollout => RolloutChanges.NotApplied(rollout, reason, record, time.GetUtcNow()), cancellationToken);

    public Task DiscardIntentAsync(string rolloutId, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var row = await FindAsync(context, rolloutId, cancellationToken);
            if (row.State == RolloutState.Intended)
                context.Rollouts.Remove(row);
            return true;
        },
        cancellationToken);

    public Task SavePaceAsync(string rolloutId, RolloutPace pace, CancellationToken cancellationToken) =>
        ChangeAsync(rolloutId, rollout => RolloutChanges.Paced(rollout, pace), cancellationToken);

    public Task<bool> FinishRolloutAsync(string rolloutId, RolloutEnd end, AuditRecord record, CancellationToken cancellationToken) =>
        ChangeAsync(rolloutId, rollout => RolloutChanges.Finished(rollout, end, record), cancellationToken);

    public Task<bool> MarkRevertedAsync(string rolloutId, RolloutEnd end, AuditRecord record, CancellationToken cancellationToken) =>
        ChangeAsync(rolloutId, rollout => RolloutChanges.Reverted(rollout, end, record), cancellationToken);

    public Task<IReadOnlyDictionary<string, LastRestart>> LastSucceededAsync(CancellationToken cancellationToken) => database.Cache.LastSucceeded.GetAsync(cancellationToken);

    public Task<IReadOnlySet<string>> LastNotAppliedAsync(CancellationToken cancellationToken) => database.Cache.LastNotApplied.GetAsync(cancellationToken);

    public Task<bool> BeginFinalizerRemovalAsync(FinalizerRemoval intent, CancellationToken cancellationToken) => finalizers.BeginAsync(intent, cancellationToken);

    public Task<IReadOnlyList<FinalizerRemoval>> OpenFinalizerRemovalsAsync(CancellationToken cancellationToken) => database.Cache.OpenFinalizerRemovals.GetAsync(cancellationToken);

    public Task<bool> EndFinalizerRemovalAsync(string uid, AuditRecord? record, CancellationToken cancellationToken) => finalizers.EndAsync(uid, record, cancellationToken);

    private Task<bool> ChangeAsync(string rolloutId, Func<Rollout, StateChange?> rule, CancellationToken cancellationToken) =>
        ChangeAsync(rolloutId, (_, rollout) => Task.FromResult(rule(rollout)), cancellationToken);

    /// <returns>False if the rule changes nothing.</returns>
    private Task<bool> ChangeAsync(string rolloutId, Func<StateContext, Rollout, Task<StateChange?>> rule, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var row = await FindAsync(context, rolloutId, cancellationToken);
            if (await rule(context, row.ToRollout()) is not { } change)
                return false;

            await StateChanges.SaveAsync(context, change, cancellationToken);
            return true;
        },
        cancellationToken);

    private static async Task<RolloutRow> FindAsync(StateContext context, string id, CancellationToken cancellationToken) =>
        await context.Rollouts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
        ?? throw new ArgumentOutOfRangeException(nameof(id), id, message: null);
}
