using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    /// <summary>Writes the intent down. Only when this has returned may the patch be sent.</summary>
    public Task BeginRolloutAsync(Rollout intent, CancellationToken cancellationToken) =>
        WriteAsync(
            context =>
            {
                context.Rollouts.Add(RolloutRow.Of(intent));
                return Task.FromResult(true);
            },
            cancellationToken);

    /// <summary>
    /// The patch arrived, perhaps later than anybody waited for it: the rollout runs, its baselines count, and rollouts of the same
    /// workload that still ran end as superseded, each with a record of its own.
    /// </summary>
    /// <returns>False when that was known already; then nothing is written, so that a patch never has two records.</returns>
    public Task<bool> MarkPatchedAsync(
        string rolloutId, string resourceVersionAfter, AuditRecord record, CancellationToken cancellationToken) =>
        WriteAsync(
            async context =>
            {
                var row = await RolloutAsync(context, rolloutId, cancellationToken);
                if (row.State is not (RolloutState.Intended or RolloutState.NotApplied))
                    return false;

                var before = await context.Rollouts
                    .Where(other => other.WorkloadUid == row.WorkloadUid && other.State == RolloutState.Running).ToListAsync(cancellationToken);
                context.Audit.AddRange(before.Select(other => AuditRow.Of(Supersede(other, record.Actor))));
                context.Audit.Add(AuditRow.Of(record));

                row.State = RolloutState.Running;
                row.EndedAt = null;
                row.Outcome = null;
                row.ResourceVersionAfter = resourceVersionAfter;
                var rollout = row.ToRollout();
                await AddWorkloadsAsync(context, new Dictionary<string, WorkloadKey> { [rollout.Uid] = rollout.Workload }, cancellationToken);
                await SaveBaselinesAsync(context, rollout.Baselines, cancellationToken);
                return true;
            },
            cancellationToken);

    /// <summary>The patch never arrived.</summary>
    /// <returns>False when the rollout is settled already; then nothing is written.</returns>
    public Task<bool> MarkNotAppliedAsync(string rolloutId, string reason, AuditRecord? record, CancellationToken cancellationToken) =>
        EndAsync(rolloutId, RolloutState.Intended, RolloutState.NotApplied, time.GetUtcNow(), reason, proof: null, proofDetail: null, record, cancellationToken);

    /// <summary>Takes back an intent whose patch was refused, where there is nothing to tell about it.</summary>
    public Task DiscardIntentAsync(string rolloutId, CancellationToken cancellationToken) =>
        WriteAsync(
            async context =>
            {
                var row = await RolloutAsync(context, rolloutId, cancellationToken);
                if (row.State == RolloutState.Intended)
                    context.Rollouts.Remove(row);
                return true;
            },
            cancellationToken);

    /// <summary>How it ended. The digests of one that failed are quarantined with it.</summary>
    /// <returns>False when the rollout does not run (any more); then nothing is written.</returns>
    public Task<bool> FinishRolloutAsync(
        string rolloutId,
        RolloutState state,
        DateTimeOffset endedAt,
        string outcome,
        RolloutProof? proof,
        string? proofDetail,
        AuditRecord record,
        CancellationToken cancellationToken) =>
        state is RolloutState.Intended or RolloutState.Running or RolloutState.NotApplied
            ? throw new ArgumentOutOfRangeException(nameof(state), state, "A rollout that ran does not end like this.")
            : EndAsync(rolloutId, RolloutState.Running, state, endedAt, outcome, proof, proofDetail, record, cancellationToken);

    /// <summary>Those whose end is not known, oldest first.</summary>
    public Task<IReadOnlyList<Rollout>> OpenRolloutsAsync(CancellationToken cancellationToken) =>
        RolloutsAsync(
            rows => rows.Where(row => row.State == RolloutState.Intended || row.State == RolloutState.Running)
                .OrderBy(row => row.StartedAt).ThenBy(row => row.Id),
            cancellationToken);

    /// <summary>Those that ran at any moment from <paramref name="since"/> to just before <paramref name="until"/>, newest first.</summary>
    /// <param name="namespace">Null for all.</param>
    public Task<IReadOnlyList<Rollout>> RolloutsAsync(
        DateTimeOffset since, DateTimeOffset? until, string? @namespace, int limit, CancellationToken cancellationToken) =>
        RolloutsAsync(
            rows => rows
                .Where(row => (row.StartedAt >= since || row.EndedAt == null || row.EndedAt >= since) && (until == null || row.StartedAt < until) && (@namespace == null || row.Namespace == @namespace))
                .OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.Id).Take(limit),
            cancellationToken);

    /// <summary>Of one workload, newest first.</summary>
    public Task<IReadOnlyList<Rollout>> RolloutsOfAsync(string uid, int limit, CancellationToken cancellationToken) =>
        RolloutsAsync(
            rows => rows.Where(row => row.WorkloadUid == uid)
                .OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.Id).Take(limit),
            cancellationToken);

    private Task<IReadOnlyList<Rollout>> RolloutsAsync(Func<IQueryable<RolloutRow>, IQueryable<RolloutRow>> which, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<Rollout>>(async context =>
        {
            var rows = await which(context.Rollouts).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRollout())];
        });

    private Task<bool> EndAsync(
        string rolloutId,
        RolloutState from,
        RolloutState to,
        DateTimeOffset endedAt,
        string outcome,
        RolloutProof? proof,
        string? proofDetail,
        AuditRecord? record,
        CancellationToken cancellationToken) =>
        WriteAsync(
            async context =>
            {
                var row = await RolloutAsync(context, rolloutId, cancellationToken);
                if (row.State != from)
                    return false;

                row.State = to;
                row.EndedAt = endedAt;
                row.Outcome = outcome;
                row.Proof = proof;
                row.ProofDetail = proofDetail;
                if (record is not null)
                    context.Audit.Add(AuditRow.Of(record));
                if (to is RolloutState.Failed or RolloutState.TimedOut)
                    Quarantine(context, row);
                return true;
            },
            cancellationToken);

    private AuditRecord Supersede(RolloutRow row, string actor)
    {
        row.State = RolloutState.Superseded;
        row.EndedAt = time.GetUtcNow();
        row.Outcome = "another restart took its place before it ended";
        return new AuditRecord(
            row.EndedAt.Value, AuditAction.RolloutEnded, row.Workload, row.WorkloadUid, actor,
            $"the rollout is followed no further: {row.Outcome}", Container: null, row.PlanId, row.Id);
    }

    private static async Task<RolloutRow> RolloutAsync(StateContext context, string id, CancellationToken cancellationToken) =>
        await context.Rollouts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
        ?? throw new ArgumentException($"There is no rollout {id}.", nameof(id));
}
