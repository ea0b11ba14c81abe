using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

/// <summary>Writes baselines, last decisions and overridden pull policies, one row per container.</summary>
internal static class ContainerRows
{
    /// <summary>Adds missing workload rows, to which baselines and decisions have foreign keys.</summary>
    public static async Task AddWorkloadsAsync(StateContext context, IReadOnlyDictionary<string, WorkloadKey> workloads, CancellationToken cancellationToken)
    {
        var uids = workloads.Keys.ToArray();
        var there = await context.Workloads.Where(row => EF.Parameter(uids).Contains(row.Uid)).Select(row => row.Uid).ToListAsync(cancellationToken);
        context.Workloads.AddRange(workloads.ExceptBy(there, workload => workload.Key).Select(workload => WorkloadRow.Of(workload.Key, workload.Value)));
    }

    public static async Task SaveBaselinesAsync(StateContext context, IReadOnlyList<Baseline> baselines, CancellationToken cancellationToken)
    {
        var uids = baselines.Select(baseline => baseline.Id.WorkloadUid).Distinct().ToArray();
        var there = await context.Baselines.Where(row => EF.Parameter(uids).Contains(row.WorkloadUid))
            .ToDictionaryAsync(row => row.ContainerId, cancellationToken);
        foreach (var baseline in baselines)
            Replace(context, there, baseline.Id, BaselineRow.Of(baseline));
    }

    public static async Task SaveDecisionsAsync(
        StateContext context, IReadOnlyList<LastDecision> decisions, IReadOnlyList<ContainerId> gone, CancellationToken cancellationToken)
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
            Replace(context, there, decision.Id, DecisionRow.Of(decision));
    }

    public static async Task SavePullPoliciesAsync(StateContext context, Rollout rollout, CancellationToken cancellationToken)
    {
        if (rollout.PullPolicies.Count == 0)
            return;

        var there = await context.PullPolicies.Where(row => row.WorkloadUid == rollout.Uid).Select(row => row.Container).ToListAsync(cancellationToken);
        context.PullPolicies.AddRange(rollout.PullPolicies.Select(policy => policy.Container).Except(there)
            .Select(container => new PullPolicyRow { WorkloadUid = rollout.Uid, Container = container }));
    }

    private static void Replace<TRow>(StateContext context, Dictionary<ContainerId, TRow> there, ContainerId id, TRow row)
        where TRow : class
    {
        if (there.TryGetValue(id, out var old))
            context.Entry(old).CurrentValues.SetValues(row);
        else
            there.Add(id, context.Add(row).Entity);
    }
}
