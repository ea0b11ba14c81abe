using ImageUpdater.Core;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    private const int MostCandidates = 20;

    /// <summary>The plan and everything that it changes in the books.</summary>
    /// <param name="json">The document as it was shown.</param>
    public Task SavePlanAsync(
        string id, RolloutPlan plan, string json, string actor, JournalEntry entry, CancellationToken cancellationToken) =>
        WriteAsync(
            async context =>
            {
                context.Plans.Add(PlanRow.Of(id, plan, json, actor));
                await WriteJournalAsync(context, plan.Workloads, entry, cancellationToken);
                return true;
            },
            cancellationToken);

    /// <summary>What a plan that is not worth a row changes in the books. An empty entry writes nothing.</summary>
    public Task SaveJournalAsync(IReadOnlyList<WorkloadPlan> workloads, JournalEntry entry, CancellationToken cancellationToken) =>
        entry.IsEmpty
            ? Task.CompletedTask
            : WriteAsync(
                async context =>
                {
                    await WriteJournalAsync(context, workloads, entry, cancellationToken);
                    return true;
                },
                cancellationToken);

    /// <summary>The plan of this id, or the only one whose id starts with the text; else a sentence.</summary>
    public Task<Result<StoredPlan, string>> FindPlanAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        ReadAsync<Result<StoredPlan, string>>(async context =>
        {
            if (idOrPrefix.Length == 0)
                return "give the id of a plan, or its beginning";

            var ids = await context.Plans.Where(row => row.Id.StartsWith(idOrPrefix))
                .OrderBy(row => row.Id).Select(row => row.Id).Take(MostCandidates).ToListAsync(cancellationToken);
            var shown = OutsideText.Bound(idOrPrefix, 80);
            var id = ids.Contains(idOrPrefix) ? idOrPrefix : ids is [var only] ? only : null;
            if (id is not null)
                return (await context.Plans.SingleAsync(row => row.Id == id, cancellationToken)).ToPlan();
            return ids.Count == 0
                ? $"there is no plan {shown}: make one with image-updater plan"
                : $"{shown} is the beginning of several plans: {string.Join(", ", ids)}";
        });

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<PlanSummary>> LatestPlansAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<PlanSummary>>(async context =>
        {
            // All columns but the document, which is as long as the cluster is large.
            var rows = await context.Plans.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(limit)
                .Select(row => new PlanRow
                {
                    Id = row.Id,
                    CreatedAt = row.CreatedAt,
                    Actor = row.Actor,
                    Status = row.Status,
                    ScopeNamespace = row.ScopeNamespace,
                    ScopeKinds = row.ScopeKinds,
                    Restart = row.Restart,
                    Adopted = row.Adopted,
                    Held = row.Held,
                    Skipped = row.Skipped,
                    Unchanged = row.Unchanged,
                    Json = "",
                })
                .ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToSummary())];
        });

    /// <summary>In the order of the plan.</summary>
    public Task<IReadOnlyList<PlanChange>> PlanChangesAsync(string planId, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<PlanChange>>(async context =>
        {
            var rows = await context.PlanChanges.Where(row => row.PlanId == planId).OrderBy(row => row.Id).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToChange())];
        });

    /// <returns>Whether there is such a plan.</returns>
    public Task<bool> SetPlanStatusAsync(string id, PlanStatus status, CancellationToken cancellationToken) =>
        WriteAsync(
            async context => await context.Plans.Where(row => row.Id == id)
                .ExecuteUpdateAsync(update => update.SetProperty(row => row.Status, status), cancellationToken) > 0,
            cancellationToken);

    private static async Task WriteJournalAsync(
        StateContext context, IReadOnlyList<WorkloadPlan> workloads, JournalEntry entry, CancellationToken cancellationToken)
    {
        if (entry.IsEmpty)
            return;

        var touched = entry.Decisions.Select(decision => decision.Id.WorkloadUid).Concat(entry.Adopted.Select(baseline => baseline.Id.WorkloadUid)).ToHashSet();
        var keys = workloads.Where(workload => touched.Contains(workload.Uid)).ToDictionary(workload => workload.Uid, workload => workload.Key);
        await AddWorkloadsAsync(context, keys, cancellationToken);
        await SaveDecisionsAsync(context, entry.Decisions, entry.Gone, cancellationToken);
        await SaveBaselinesAsync(context, entry.Adopted, cancellationToken);
        context.Audit.AddRange(entry.Audit.Select(AuditRow.Of));
    }
}
