using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.State;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Roles;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Upkeep;

/// <summary>Deletes old rows.</summary>
internal sealed class Retention(StateDatabase database, TimeProvider time)
{
    public async Task<PruneCounts> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var counts = await database.WriteBulkAsync(
            async context =>
            {
                await AllowDeletingAuditAsync(context, before, cancellationToken);
                return await DeleteAsync(context, before, cancellationToken);
            },
            cancellationToken);
        await database.WithWriterAsync(
            writer =>
            {
                // One page a row.
                writer.Drain(Sql.GiveBack);
                writer.Drain(Sql.EmptyLog);
                return Task.FromResult(true);
            },
            cancellationToken);
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

    private static async Task EndQuarantineAsync(StateContext context, DateTimeOffset before, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var old = (await context.Quarantine.Where(row => row.Since < before).ToListAsync(cancellationToken)).ConvertAll(row => row.ToQuarantined());
        if (old.Count == 0)
            return;

        var digests = old.Select(entry => entry.Digest).Distinct().ToArray();
        var served = (await context.Images.Where(row => row.Digest != null && EF.Parameter(digests).Contains(row.Digest)).ToListAsync(cancellationToken))
            .Select(row => (row.Reference, row.Digest!)).ToHashSet();
        await StateChanges.SaveAsync(context, HoldChanges.Expire(old, served, now), cancellationToken);
    }

    private async Task<PruneCounts> DeleteAsync(StateContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var workloads = await DeleteGoneWorkloadsAsync(context, before, cancellationToken);
        var audit = await context.Audit
            .Where(row => row.At < before && (context.Audit.Any(newer => newer.WorkloadUid == row.WorkloadUid && newer.Id > row.Id) || !context.Workloads.Any(workload => workload.Uid == row.WorkloadUid)))
            .ExecuteDeleteAsync(cancellationToken);
        var rollouts = await context.Rollouts
            .Where(row => row.State != RolloutState.Intended && row.State != RolloutState.Running && row.EndedAt < before
                && (!context.Workloads.Any(workload => workload.Uid == row.WorkloadUid) || context.Rollouts.Any(newer => newer.WorkloadUid == row.WorkloadUid
                    && (newer.StartedAt > row.StartedAt || (newer.StartedAt == row.StartedAt && string.Compare(newer.Id, row.Id) > 0)))))
            .ExecuteDeleteAsync(cancellationToken);
        var plans = await context.Plans.Where(row => row.CreatedAt < before).ExecuteDeleteAsync(cancellationToken);
        await context.PlanWorkloads
            .Where(row => !context.Plans.Any(plan => plan.Series == row.Series && plan.Number >= row.FromPlan && (row.UntilPlan == null || plan.Number < row.UntilPlan)))
            .ExecuteDeleteAsync(cancellationToken);
        // By the time at which the digest was replaced, so that the digest served at any time after the cutoff is still known.
        var observations = await context.Observations
            .Where(row => context.Observations.Any(newer => newer.ImageId == row.ImageId && newer.Id > row.Id && newer.ServedFrom <= before))
            .ExecuteDeleteAsync(cancellationToken);
        var images = await DeleteUnusedImagesAsync(context, before, cancellationToken);
        await EndQuarantineAsync(context, before, time.GetUtcNow(), cancellationToken);
        return new PruneCounts(audit, rollouts, plans, observations, await DeleteUnusedManifestsAsync(context, cancellationToken)) { Workloads = workloads, Images = images };
    }

    // A workload that is not in a plan any more has no decision, and an audit record of when that was.
    private static async Task<int> DeleteGoneWorkloadsAsync(StateContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var gone = await context.Workloads
            .Where(row => !context.Decisions.Any(decision => decision.WorkloadUid == row.Uid)
                && !context.Audit.Any(record => record.WorkloadUid == row.Uid && record.At >= before)
                && !context.Rollouts.Any(rollout => rollout.WorkloadUid == row.Uid && (rollout.State == RolloutState.Intended || rollout.State == RolloutState.Running)))
            .Select(row => row.Uid).ToArrayAsync(cancellationToken);
        if (gone.Length == 0)
            return 0;

        await context.Baselines.Where(row => EF.Parameter(gone).Contains(row.WorkloadUid)).ExecuteDeleteAsync(cancellationToken);
        await context.PullPolicies.Where(row => EF.Parameter(gone).Contains(row.WorkloadUid)).ExecuteDeleteAsync(cancellationToken);
        return await context.Workloads.Where(row => EF.Parameter(gone).Contains(row.Uid)).ExecuteDeleteAsync(cancellationToken);
    }

    // An image in use is checked far more often than records are kept. One that could not be checked for that long is still used by its decisions.
    private static async Task<int> DeleteUnusedImagesAsync(StateContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var old = await context.Images.AsNoTracking().Where(row => row.LastChecked == null ? row.NextCheck < before : row.LastChecked < before).ToListAsync(cancellationToken);
        if (old.Count == 0)
            return 0;

        var texts = await context.Decisions.Select(row => new { row.ImageText, row.Workload!.Namespace }).Distinct().ToListAsync(cancellationToken);
        var used = texts.SelectMany(text => ImageReference.TryParse(text.ImageText, out var image)
            ? ((string Registry, string Repository, string? Tag, string Reader)[])[(image.Registry, image.Repository, image.Tag, text.Namespace), (image.Registry, image.Repository, image.Tag, "")]
            : []).ToHashSet();
        var unused = old.Where(row => !used.Contains((row.Registry, row.Repository, row.Tag, row.Reader))).Select(row => row.Id).ToArray();
        await context.Observations.Where(row => EF.Parameter(unused).Contains(row.ImageId)).ExecuteDeleteAsync(cancellationToken);
        return await context.Images.Where(row => EF.Parameter(unused).Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
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
