using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    public Task<IReadOnlyDictionary<ContainerId, Baseline>> LoadBaselinesAsync(CancellationToken cancellationToken) =>
        RecallAsync(rememberedBaselines, async context =>
        {
            var rows = await context.Baselines.ToListAsync(cancellationToken);
            return (IReadOnlyDictionary<ContainerId, Baseline>)rows.ToDictionary(row => row.ContainerId, row => row.ToBaseline());
        });

    public Task<IReadOnlyDictionary<ContainerId, StandingDecision>> LoadDecisionsAsync(CancellationToken cancellationToken) =>
        RecallAsync(rememberedDecisions, async context =>
        {
            var rows = await context.Decisions.Include(row => row.Workload).ToListAsync(cancellationToken);
            return (IReadOnlyDictionary<ContainerId, StandingDecision>)rows.ToDictionary(row => row.ContainerId, row => row.ToDecision());
        });

    /// <summary>
    /// Drops baselines, standing decisions and quarantine of every workload that has, or had, this key: the next plan meets it as on first
    /// sight. What was done to it stays in the audit, and that it was forgotten is added.
    /// </summary>
    /// <returns>How many baselines were dropped; 0 when there was nothing to forget.</returns>
    public async Task<int> ForgetAsync(WorkloadKey workload, string actor, CancellationToken cancellationToken)
    {
        var count = await WriteAsync(
            async context =>
            {
                var uids = await context.Workloads
                    .Where(row => row.Namespace == workload.Namespace && row.Kind == workload.Kind && row.Name == workload.Name)
                    .Select(row => row.Uid).ToListAsync(cancellationToken);
                var forgotten = 0;
                foreach (var uid in uids)
                {
                    var baselines = await context.Baselines.Where(row => row.WorkloadUid == uid).ExecuteDeleteAsync(cancellationToken);
                    var decisions = await context.Decisions.Where(row => row.WorkloadUid == uid).ExecuteDeleteAsync(cancellationToken);
                    Lift(context, await context.Quarantine.Where(row => row.WorkloadUid == uid).ToListAsync(cancellationToken), "it was forgotten", actor);
                    forgotten += baselines;
                    if (baselines + decisions > 0)
                        context.Audit.Add(AuditRow.Of(new AuditRecord(time.GetUtcNow(), AuditAction.DecisionChanged, workload, uid, actor, "baselines and decisions were forgotten")));
                }

                return forgotten;
            },
            cancellationToken);
        // They were deleted past the change tracker.
        BooksChanged();
        return count;
    }

    private static async Task AddWorkloadsAsync(
        StateContext context, IReadOnlyDictionary<string, WorkloadKey> workloads, CancellationToken cancellationToken)
    {
        var uids = workloads.Keys.ToArray();
        var there = await context.Workloads.Where(row => EF.Parameter(uids).Contains(row.Uid)).Select(row => row.Uid).ToListAsync(cancellationToken);
        context.Workloads.AddRange(workloads.ExceptBy(there, workload => workload.Key).Select(workload => WorkloadRow.Of(workload.Key, workload.Value)));
    }

    private static async Task SaveBaselinesAsync(StateContext context, IReadOnlyList<Baseline> baselines, CancellationToken cancellationToken)
    {
        var uids = baselines.Select(baseline => baseline.Id.WorkloadUid).Distinct().ToArray();
        var there = await context.Baselines.Where(row => EF.Parameter(uids).Contains(row.WorkloadUid))
            .ToDictionaryAsync(row => row.ContainerId, cancellationToken);
        foreach (var baseline in baselines)
        {
            var row = BaselineRow.Of(baseline);
            if (there.TryGetValue(baseline.Id, out var old))
                context.Entry(old).CurrentValues.SetValues(row);
            else
                there.Add(baseline.Id, context.Baselines.Add(row).Entity);
        }
    }

    private static async Task SaveDecisionsAsync(
        StateContext context, IReadOnlyList<StandingDecision> decisions, IReadOnlyList<ContainerId> gone, CancellationToken cancellationToken)
    {
        var uids = decisions.Select(decision => decision.Id).Concat(gone).Select(id => id.WorkloadUid).Distinct().ToArray();
        var there = await context.Decisions.Where(row => EF.Parameter(uids).Contains(row.WorkloadUid))
            .ToDictionaryAsync(row => row.ContainerId, cancellationToken);
        foreach (var id in gone)
        {
            if (there.Remove(id, out var old))
                context.Decisions.Remove(old);
        }

        foreach (var decision in decisions)
        {
            var row = DecisionRow.Of(decision);
            if (there.TryGetValue(decision.Id, out var old))
                context.Entry(old).CurrentValues.SetValues(row);
            else
                there.Add(decision.Id, context.Decisions.Add(row).Entity);
        }
    }
}
