using ImageUpdater.Core;
using ImageUpdater.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

/// <summary>Reads plans back.</summary>
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
            if (idOrPrefix.Length == 0)
                return "give the id of a plan, or its beginning";

            var ids = await context.Plans.Where(row => row.Id.StartsWith(idOrPrefix))
                .OrderBy(row => row.Id).Select(row => row.Id).Take(MostCandidates).ToListAsync(cancellationToken);
            var shown = UntrustedText.Bound(idOrPrefix, 80);
            var id = ids.Contains(idOrPrefix) ? idOrPrefix : ids is [var only] ? only : null;
            if (id is not null)
                return (await context.Plans.Include(row => row.Workloads).ThenInclude(row => row.Containers).SingleAsync(row => row.Id == id, cancellationToken)).ToPlan();
            return ids.Count == 0
                ? $"there is no plan {shown}: make one with image-updater plan"
                : $"{shown} is the beginning of several plans: {string.Join(", ", ids)}";
        });
}
