using ImageUpdater.Core;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

/// <summary>Reads stored plans.</summary>
internal sealed class StoredPlans(StateDatabase database)
{
    private const int MostCandidates = 20;

    public Task<IReadOnlyList<PlanSummary>> LatestAsync(int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<PlanSummary>>(async context =>
        {
            var rows = await context.Plans.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(limit).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToSummary())];
        });

    public Task<Result<StoredPlan, string>> FindAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        database.ReadAsync<Result<StoredPlan, string>>(async context =>
        {
            // Not StartsWith, which SQLite's LIKE answers without regard to case.
            var ids = await context.Plans.Where(row => row.Id.Substring(0, idOrPrefix.Length) == idOrPrefix)
                .OrderBy(row => row.Id).Select(row => row.Id).Take(MostCandidates).ToListAsync(cancellationToken);
            var (id, problem) = PlanIds.Choose(idOrPrefix, ids);
            if (id is null)
                return problem!;
            return (await context.Plans.Include(row => row.Workloads).ThenInclude(row => row.Containers).SingleAsync(row => row.Id == id, cancellationToken)).ToPlan();
        });
}
