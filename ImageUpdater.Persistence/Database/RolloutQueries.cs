using ImageUpdater.Core.Applying;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Database;

/// <summary>Rollout queries of several roles.</summary>
internal static class RolloutQueries
{
    /// <summary>Oldest first.</summary>
    public static Task<IReadOnlyList<Rollout>> OpenAsync(StateContext context, CancellationToken cancellationToken) => ReadAsync(
        context.Rollouts.Where(row => row.State == RolloutState.Intended || row.State == RolloutState.Running).OrderBy(row => row.StartedAt).ThenBy(row => row.Id),
        cancellationToken);

    /// <summary>Newest first.</summary>
    public static Task<IReadOnlyList<Rollout>> OfAsync(StateContext context, string uid, int limit, CancellationToken cancellationToken) => ReadAsync(
        context.Rollouts.Where(row => row.WorkloadUid == uid).OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.Id).Take(limit),
        cancellationToken);

    /// <summary>The last restart of each workload that has one, by uid, if it succeeded.</summary>
    public static async Task<IReadOnlyDictionary<string, LastRestart>> LastSucceededAsync(StateContext context, CancellationToken cancellationToken)
    {
        var rows = await context.Rollouts
            .Where(row => row.State == RolloutState.Succeeded
                && !context.Rollouts.Any(newer => newer.WorkloadUid == row.WorkloadUid && newer.StartedAt > row.StartedAt && newer.State != RolloutState.NotApplied))
            .Select(row => new { row.WorkloadUid, Restart = new LastRestart(row.Id, row.RestartedAt, row.PreviousRestartedAt) })
            .ToListAsync(cancellationToken);
        return rows.DistinctBy(row => row.WorkloadUid).ToDictionary(row => row.WorkloadUid, row => row.Restart, StringComparer.Ordinal);
    }

    /// <summary>The uids of the workloads whose last restart was not applied. An intent says nothing about those before it.</summary>
    public static async Task<IReadOnlySet<string>> LastNotAppliedAsync(StateContext context, CancellationToken cancellationToken)
    {
        var uids = await context.Rollouts
            .Where(row => row.State == RolloutState.NotApplied
                && !context.Rollouts.Any(newer => newer.WorkloadUid == row.WorkloadUid && newer.StartedAt > row.StartedAt
                    && newer.State != RolloutState.NotApplied && newer.State != RolloutState.Intended))
            .Select(row => row.WorkloadUid).Distinct().ToListAsync(cancellationToken);
        return uids.ToHashSet(StringComparer.Ordinal);
    }

    public static async Task<IReadOnlyList<Rollout>> ReadAsync(IQueryable<RolloutRow> rows, CancellationToken cancellationToken) =>
        (await rows.ToListAsync(cancellationToken)).ConvertAll(row => row.ToRollout());
}
