using ImageUpdater.Core;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

/// <summary>Reads and adds stored plans.</summary>
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
            var row = await context.Plans.SingleAsync(row => row.Id == id, cancellationToken);
            return row.ToPlan(await context.PlanWorkloads.Include(workload => workload.Containers)
                .Where(workload => workload.Series == row.Series && workload.FromPlan <= row.Number && (workload.UntilPlan == null || workload.UntilPlan > row.Number))
                .ToListAsync(cancellationToken));
        });

    /// <summary>Adds the plan, and rows of the workloads about which the last plan of the same scope says something else.</summary>
    public static async Task AddAsync(StateContext context, string id, RolloutPlan plan, string actor, CancellationToken cancellationToken)
    {
        var row = PlanRow.Of(id, plan, actor);
        var series = await context.Plans.Where(other => other.ScopeNamespace == row.ScopeNamespace && other.ScopeKinds == row.ScopeKinds)
            .OrderByDescending(other => other.Number).Select(other => (long?)other.Series).FirstOrDefaultAsync(cancellationToken);
        context.Plans.Add(row);
        // Gives the plan its number.
        await context.SaveChangesAsync(cancellationToken);
        row.Series = series ?? row.Number;

        var before = await context.PlanWorkloads.Include(workload => workload.Containers)
            .Where(workload => workload.Series == row.Series && workload.UntilPlan == null).ToDictionaryAsync(workload => workload.WorkloadUid, cancellationToken);
        foreach (var workload in plan.Kept().Workloads.Select(PlanWorkloadRow.Of))
        {
            if (before.TryGetValue(workload.WorkloadUid, out var last) && last.SaysTheSame(workload))
            {
                before.Remove(workload.WorkloadUid);
                continue;
            }

            (workload.Series, workload.FromPlan) = (row.Series, row.Number);
            context.PlanWorkloads.Add(workload);
        }

        foreach (var ended in before.Values)
            ended.UntilPlan = row.Number;
    }
}
