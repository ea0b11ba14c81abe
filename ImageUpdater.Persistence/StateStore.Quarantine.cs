using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    /// <summary>Oldest first.</summary>
    public Task<IReadOnlyList<QuarantinedDigest>> LoadQuarantineAsync(CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<QuarantinedDigest>>(async context =>
        {
            var rows = await context.Quarantine.OrderBy(row => row.Since).ThenBy(row => row.RolloutId).ThenBy(row => row.Container).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToQuarantined())];
        });

    /// <summary>Ends the quarantine that a rollout brought about, with a record.</summary>
    public Task LiftQuarantineAsync(string rolloutId, string reason, string actor, CancellationToken cancellationToken) =>
        WriteAsync(
            async context =>
            {
                Lift(context, await context.Quarantine.Where(row => row.RolloutId == rolloutId).ToListAsync(cancellationToken), reason, actor);
                return true;
            },
            cancellationToken);

    /// <summary>When each workload was last restarted by us, by uid.</summary>
    public Task<IReadOnlyDictionary<string, DateTimeOffset>> LastRestartsAsync(CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<string, DateTimeOffset>>(async context => await context.Rollouts
            .Where(row => row.State != RolloutState.Intended && row.State != RolloutState.NotApplied)
            .GroupBy(row => row.WorkloadUid)
            .Select(rollouts => new { Uid = rollouts.Key, At = rollouts.Max(row => row.StartedAt) })
            .ToDictionaryAsync(last => last.Uid, last => last.At, cancellationToken));

    private static void Quarantine(StateContext context, RolloutRow rollout)
    {
        foreach (var row in QuarantineRow.Of(rollout.ToRollout(), rollout.EndedAt!.Value, rollout.Outcome ?? ""))
        {
            context.Quarantine.Add(row);
            context.Audit.Add(AuditRow.Of(new AuditRecord(
                row.Since, AuditAction.Quarantined, row.Workload, row.WorkloadUid, rollout.Actor,
                $"{row.Container}: {row.Digest.Abbreviated} of {row.Image} is not rolled out again until it is forgotten: {row.Why}", row.Container, rollout.PlanId, rollout.Id)));
        }
    }

    private void Lift(StateContext context, List<QuarantineRow> rows, string reason, string actor)
    {
        context.Quarantine.RemoveRange(rows);
        context.Audit.AddRange(rows.Select(row => AuditRow.Of(new AuditRecord(
            time.GetUtcNow(), AuditAction.QuarantineLifted, row.Workload, row.WorkloadUid, actor,
            $"{row.Container}: {row.Digest.Abbreviated} of {row.Image} may be rolled out again: {reason}", row.Container, PlanId: null, row.RolloutId))));
    }
}
