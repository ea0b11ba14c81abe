using ImageUpdater.Core.Applying;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

/// <summary>How many rows retention deleted.</summary>
public sealed record PruneCounts(int Audit, int Rollouts, int Plans, int Observations, int Manifests)
{
    public int Total => Audit + Rollouts + Plans + Observations + Manifests;
}

public sealed partial class StateStore
{
    // What a planner may still compare. Of an index that stays, the manifests it lists stay too.
    private const string DeleteUnusedManifests = """
        WITH used(digest) AS (
          SELECT digest FROM images WHERE digest IS NOT NULL
          UNION SELECT digest FROM observations
          UNION SELECT digest FROM baselines
          UNION SELECT from_digest FROM decisions WHERE from_digest IS NOT NULL
          UNION SELECT to_digest FROM decisions WHERE to_digest IS NOT NULL
          UNION SELECT json_extract(baseline.value, '$.digest') FROM rollouts, json_each(rollouts.baselines) AS baseline
            WHERE rollouts.state IN ('Intended', 'Running'))
        DELETE FROM manifests
        WHERE digest NOT IN (SELECT digest FROM used)
          AND digest NOT IN (
            SELECT json_extract(child.value, '$.digest') FROM manifests AS parent, json_each(parent.children) AS child
            WHERE parent.digest IN (SELECT digest FROM used))
        """;

    /// <summary>
    /// Deletes what is older than the moment: audit records, rollouts that ended, plans, observations whose digest was
    /// replaced. The newest audit record and the newest rollout of each workload stay, as does the newest observation of
    /// each image; baselines and standing decisions have no age.
    /// </summary>
    public Task<PruneCounts> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        WriteAsync(
            async context =>
            {
                await AllowDeletingAuditAsync(context, before, cancellationToken);
                var audit = await context.Audit
                    .Where(row => row.At < before && context.Audit.Any(newer => newer.WorkloadUid == row.WorkloadUid && newer.Id > row.Id))
                    .ExecuteDeleteAsync(cancellationToken);
                var rollouts = await context.Rollouts
                    .Where(row => row.State != RolloutState.Intended && row.State != RolloutState.Running && row.EndedAt < before
                        && context.Rollouts.Any(newer => newer.WorkloadUid == row.WorkloadUid
                            && (newer.StartedAt > row.StartedAt || (newer.StartedAt == row.StartedAt && string.Compare(newer.Id, row.Id) > 0))))
                    .ExecuteDeleteAsync(cancellationToken);
                var plans = await context.Plans.Where(row => row.CreatedAt < before).ExecuteDeleteAsync(cancellationToken);
                // By when it was replaced, not by when it began: what was served at any moment since then can still be told.
                var observations = await context.Observations
                    .Where(row => context.Observations.Any(newer => newer.ImageId == row.ImageId && newer.Id > row.Id && newer.ServedFrom <= before))
                    .ExecuteDeleteAsync(cancellationToken);
                var manifests = await context.Database.ExecuteSqlRawAsync(DeleteUnusedManifests, cancellationToken);
                return new PruneCounts(audit, rollouts, plans, observations, manifests);
            },
            cancellationToken);

    // The triggers on the audit refuse to delete what is not older than this row says.
    private async Task AllowDeletingAuditAsync(StateContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        if (await context.Retention.SingleOrDefaultAsync(cancellationToken) is { } row)
            (row.RanAt, row.Before) = (time.GetUtcNow(), before);
        else
            context.Retention.Add(new RetentionRow { RanAt = time.GetUtcNow(), Before = before });
        await context.SaveChangesAsync(cancellationToken);
    }
}
