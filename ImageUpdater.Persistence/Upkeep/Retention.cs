using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Upkeep;

/// <summary>Deletes old rows.</summary>
internal sealed class Retention(StateDatabase database, TimeProvider time)
{
    public async Task<PruneCounts> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var counts = await database.WriteAsync(
            async context =>
            {
                await AllowDeletingAuditAsync(context, before, cancellationToken);
                return await DeleteAsync(context, before, cancellationToken);
            },
            cancellationToken);
        if (counts.Total > 0)
            await database.WithWriterAsync(writer => Task.FromResult(writer.Texts(Sql.GiveBack).Count), cancellationToken);
        return counts;
    }

    // The audit's triggers reject deletes of records that are not older than this row's cutoff.
    private async Task AllowDeletingAuditAsync(StateContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        if (await context.Retention.SingleOrDefaultAsync(cancellationToken) is { } row)
            // Never back: with a longer retention, what an earlier run has deleted is still gone.
            (row.RanAt, row.Before) = (time.GetUtcNow(), before > row.Before ? before : row.Before);
        else
            context.Retention.Add(new RetentionRow { RanAt = time.GetUtcNow(), Before = before });
        await context.SaveChangesAsync(cancellationToken);
    }

    // While the tag serves it, forgetting that it failed would roll it out again.
    private static async Task EndQuarantineAsync(StateContext context, DateTimeOffset before, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var old = await context.Quarantine.Where(row => row.Since < before).ToListAsync(cancellationToken);
        if (old.Count == 0)
            return;

        var digests = old.Select(row => row.Digest).Distinct().ToArray();
        var served = (await context.Images.Where(row => row.Digest != null && EF.Parameter(digests).Contains(row.Digest)).ToListAsync(cancellationToken))
            .Select(row => (row.Reference, row.Digest)).ToHashSet();
        foreach (var row in old.Where(row => !served.Contains((row.Image, row.Digest))))
        {
            context.Quarantine.Remove(row);
            context.Audit.Add(AuditRow.Of(AuditRecords.QuarantineLifted(row.ToQuarantined(), now, "retention", "it failed longer ago than records are kept, and is no longer served")));
        }
    }

    private async Task<PruneCounts> DeleteAsync(StateContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var audit = await context.Audit
            .Where(row => row.At < before && context.Audit.Any(newer => newer.WorkloadUid == row.WorkloadUid && newer.Id > row.Id))
            .ExecuteDeleteAsync(cancellationToken);
        var rollouts = await context.Rollouts
            .Where(row => row.State != RolloutState.Intended && row.State != RolloutState.Running && row.EndedAt < before
                && context.Rollouts.Any(newer => newer.WorkloadUid == row.WorkloadUid
                    && (newer.StartedAt > row.StartedAt || (newer.StartedAt == row.StartedAt && string.Compare(newer.Id, row.Id) > 0))))
            .ExecuteDeleteAsync(cancellationToken);
        var plans = await context.Plans.Where(row => row.CreatedAt < before).ExecuteDeleteAsync(cancellationToken);
        // By the time at which the digest was replaced, so that the digest served at any time after the cutoff is still known.
        var observations = await context.Observations
            .Where(row => context.Observations.Any(newer => newer.ImageId == row.ImageId && newer.Id > row.Id && newer.ServedFrom <= before))
            .ExecuteDeleteAsync(cancellationToken);
        await EndQuarantineAsync(context, before, time.GetUtcNow(), cancellationToken);
        return new PruneCounts(audit, rollouts, plans, observations, await DeleteUnusedManifestsAsync(context, cancellationToken));
    }

    // Keeps manifests that a planner may still compare, and the manifests that a kept index lists.
    private static async Task<int> DeleteUnusedManifestsAsync(StateContext context, CancellationToken cancellationToken)
    {
        var used = context.Images.Where(row => row.Digest != null).Select(row => row.Digest!)
            .Union(context.Observations.Select(row => row.Digest))
            .Union(context.Baselines.Select(row => row.Digest))
            .Union(context.Decisions.Where(row => row.FromDigest != null).Select(row => row.FromDigest!))
            .Union(context.Decisions.Where(row => row.ToDigest != null).Select(row => row.ToDigest!));
        var open = await context.Rollouts.Where(row => row.State == RolloutState.Intended || row.State == RolloutState.Running).ToListAsync(cancellationToken);
        var rolledOut = open.SelectMany(row => row.ToRollout().Baselines).Select(baseline => baseline.Digest).ToArray();
        var indexes = await context.Manifests.AsNoTracking()
            .Where(row => row.Children != null && (used.Contains(row.Digest) || EF.Parameter(rolledOut).Contains(row.Digest)))
            .ToListAsync(cancellationToken);
        var kept = indexes.SelectMany(row => row.ToManifest().Children!).Select(child => child.Digest).Concat(rolledOut).Distinct().ToArray();
        await context.ManifestReads.Where(row => !used.Contains(row.Digest) && !EF.Parameter(rolledOut).Contains(row.Digest)).ExecuteDeleteAsync(cancellationToken);
        return await context.Manifests.Where(row => !used.Contains(row.Digest) && !EF.Parameter(kept).Contains(row.Digest)).ExecuteDeleteAsync(cancellationToken);
    }
}
