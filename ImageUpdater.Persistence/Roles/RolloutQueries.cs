using ImageUpdater.Core.Applying;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

/// <summary>Rollout queries of several roles.</summary>
internal static class RolloutQueries
{
    /// <summary>Oldest first.</summary>
    public static Task<IReadOnlyList<Rollout>> OpenAsync(StateDatabase database, CancellationToken cancellationToken) => ReadAsync(
        database,
        rows => rows.Where(row => row.State == RolloutState.Intended || row.State == RolloutState.Running).OrderBy(row => row.StartedAt).ThenBy(row => row.Id),
        cancellationToken);

    /// <summary>Newest first.</summary>
    public static Task<IReadOnlyList<Rollout>> OfAsync(StateDatabase database, string uid, int limit, CancellationToken cancellationToken) => ReadAsync(
        database,
        rows => rows.Where(row => row.WorkloadUid == uid).OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.Id).Take(limit),
        cancellationToken);

    public static Task<IReadOnlyList<Rollout>> ReadAsync(
        StateDatabase database, Func<IQueryable<RolloutRow>, IQueryable<RolloutRow>> which, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Rollout>>(async context =>
        {
            var rows = await which(context.Rollouts).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRollout())];
        });
}
