using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

internal sealed class ApplyingState(StateDatabase database, TimeProvider time) : IApplyingState
{
    private readonly FinalizerRemovals finalizers = new(database);

    public Task<IReadOnlyList<Rollout>> OpenRolloutsAsync(CancellationToken cancellationToken) => RolloutQueries.OpenAsync(database, cancellationToken);

    public Task<IReadOnlyList<Rollout>> RolloutsOfAsync(string uid, int limit, CancellationToken cancellationToken) =>
        RolloutQueries.OfAsync(database, uid, limit, cancellationToken);

    public Task BeginRolloutAsync(Rollout intent, CancellationToken cancellationToken) => database.WriteAsync(
        context =>
        {
            context.Rollouts.Add(RolloutRow.Of(intent));
            return Task.FromResult(true);
        },
        cancellationToken);

    public Task<bool> MarkPatchedAsync(string rolloutId, string resourceVersionAfter, AuditRecord record, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var row = await FindAsync(context, rolloutId, cancellationToken);
            if (row.State is not (RolloutState.Intended or RolloutState.NotApplied))
                return false;

            var running = await context.Rollouts
                .Where(other => other.WorkloadUid == row.WorkloadUid && other.State == RolloutState.Running).ToListAsync(cancellationToken);
            foreach (var other in running)
            {
                other.End(RolloutEnd.Superseded(time.GetUtcNow()));
                context.Audit.Add(AuditRow.Of(AuditRecords.Superseded(other.ToRollout(), record.Actor)));
            }

            context.Audit.Add(AuditRow.Of(record));
            row.Run(resourceVersionAfter);
            var rollout = row.ToRollout();
            await ContainerRows.AddWorkloadsAsync(context, new Dictionary<string, WorkloadKey> { [rollout.Uid] = rollout.Workload }, cancellationToken);
            await ContainerRows.SaveBaselinesAsync(context, rollout.Baselines, cancellationToken);
            await ContainerRows.SavePullPoliciesAsync(context, rollout, cancellationToken);
            await ForgetOlderAsync(context, rollout, cancellationToken);
            return true;
        },
        cancellationToken);

    public Task<bool> MarkNotAppliedAsync(string rolloutId, string reason, AuditRecord? record, CancellationToken cancellationToken) =>
        EndAsync(rolloutId, RolloutState.Intended, new RolloutEnd(RolloutState.NotApplied, time.GetUtcNow(), reason), record, cancellationToken);

    public Task DiscardIntentAsync(string rolloutId, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var row = await FindAsync(context, rolloutId, cancellationToken);
            if (row.State == RolloutState.Intended)
                context.Rollouts.Remove(row);
            return true;
        },
        cancellationToken);

    public Task SavePaceAsync(string rolloutId, RolloutPace pace, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var row = await FindAsync(context, rolloutId, cancellationToken);
            if (row.State == RolloutState.Running)
                row.Save(pace);
            return true;
        },
        cancellationToken);

    public Task<bool> FinishRolloutAsync(string rolloutId, RolloutEnd end, AuditRecord record, CancellationToken cancellationToken) =>
        end.State is RolloutState.Intended or RolloutState.Running or RolloutState.NotApplied
            ? throw new ArgumentOutOfRangeException(nameof(end), end.State, "Not an end state of a running rollout.")
            : EndAsync(rolloutId, RolloutState.Running, end, record, cancellationToken);

    public Task<bool> MarkRevertedAsync(string rolloutId, RolloutEnd end, AuditRecord record, CancellationToken cancellationToken) =>
        EndAsync(rolloutId, RolloutState.Succeeded, end, record, cancellationToken);

    public Task<IReadOnlyDictionary<string, LastRestart>> LastSucceededAsync(CancellationToken cancellationToken) => database.Memory.LastSucceededAsync(cancellationToken);

    public Task<bool> BeginFinalizerRemovalAsync(FinalizerRemoval intent, CancellationToken cancellationToken) => finalizers.BeginAsync(intent, cancellationToken);

    public Task<IReadOnlyList<FinalizerRemoval>> OpenFinalizerRemovalsAsync(CancellationToken cancellationToken) => finalizers.OpenAsync(cancellationToken);

    public Task<bool> EndFinalizerRemovalAsync(string uid, AuditRecord? record, CancellationToken cancellationToken) => finalizers.EndAsync(uid, record, cancellationToken);

    private Task<bool> EndAsync(string rolloutId, RolloutState from, RolloutEnd end, AuditRecord? record, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var row = await FindAsync(context, rolloutId, cancellationToken);
            if (row.State != from)
                return false;

            row.End(end);
            if (record is not null)
                context.Audit.Add(AuditRow.Of(record));
            foreach (var held in Quarantine.After(row.ToRollout(), end.Containers))
            {
                context.Quarantine.Add(QuarantineRow.Of(held));
                if (!held.IsFailure)
                    continue;
                context.Audit.Add(AuditRow.Of(AuditRecords.Quarantined(held, row.Actor, row.PlanId)));
            }

            return true;
        },
        cancellationToken);

    // A new restart of a container ends its hold as mismatch or reverted, and a requested retry of the same digest.
    private static async Task ForgetOlderAsync(StateContext context, Rollout patched, CancellationToken cancellationToken)
    {
        var held = await context.Quarantine
            .Where(row => row.WorkloadUid == patched.Uid && (row.Reason != DecisionReason.Quarantined || row.RetryBy != null)).ToListAsync(cancellationToken);
        context.Quarantine.RemoveRange(held.Where(row => patched.Changes.Any(change =>
            change.Container == row.Container && (row.Reason != DecisionReason.Quarantined || change.To == row.Digest))));
    }

    private static async Task<RolloutRow> FindAsync(StateContext context, string id, CancellationToken cancellationToken) =>
        await context.Rollouts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
        ?? throw new ArgumentException($"Rollout {id} not found.", nameof(id));
}
