using ImageUpdater.Core;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Kubernetes;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host;

/// <param name="IsStored">False for a plan that says nothing new and that nobody asked for.</param>
internal sealed record MadePlan(string Id, bool IsStored, RolloutPlan Plan, PlanningInput Input);

/// <summary>The way of the data: observe, plan, apply. Tracking follows rollouts beside it, and reports read what all of them stored.</summary>
internal sealed class Pipeline(Settler settler, ClusterReader cluster, ImageObserver images, PlanBuilder planning, Executor executor, StateStore store)
{
    /// <summary>One cycle of the controller.</summary>
    public async Task<Result<MadePlan, KubernetesFailure>> ReconcileAsync(string actor, Refresh refresh, CancellationToken ct)
    {
        var made = await PlanAsync(actor, namespaces: null, refresh, keepEmpty: false, progress: null, ct);
        if (made.IsSuccess(out var plan, out _))
            await ApplyAsync(plan, actor, ct);

        return made;
    }

    /// <summary>Observes and plans. Changes nothing in the cluster, but the books: what was seen, adopted and decided.</summary>
    /// <param name="namespaces">Null for those that the configuration names, or all.</param>
    /// <param name="refresh">With <see cref="Refresh.None"/> no registry is asked for anything, manifests included.</param>
    /// <param name="keepEmpty">Store a plan that says nothing new, too, because somebody asked for it.</param>
    public async Task<Result<MadePlan, KubernetesFailure>> PlanAsync(
        string actor, IReadOnlyList<string>? namespaces, Refresh refresh, bool keepEmpty, IProgress<int>? progress, CancellationToken ct)
    {
        // First of all, and before the cluster is read: a plan made from books that lag behind would restart a second time.
        await settler.SettleAsync(ct);
        var read = await cluster.ReadAsync(namespaces, ct);
        if (!read.IsSuccess(out var view, out var failure))
            return failure;

        var observed = await images.ObserveAsync(view.Workloads, refresh, progress, ct);
        view = view with { Warnings = [.. view.Warnings, .. observed.Warnings] };
        var input = await planning.InputAsync(view, observed, ct);
        var plan = await planning.PlanAsync(input, mayAsk: refresh != Refresh.None, ct);
        if (await settler.AnyArrivedLateAsync(plan, view.Workloads, ct))
        {
            input = await planning.InputAsync(view, observed, ct);
            plan = await planning.PlanAsync(input, mayAsk: refresh != Refresh.None, ct);
        }

        var id = Identifiers.New("p");
        var entry = DecisionJournal.Compare(await store.LoadDecisionsAsync(ct), plan, actor, id);
        var isStored = keepEmpty || !entry.IsEmpty;
        if (isStored)
            await store.SavePlanAsync(id, plan, PlanJson.Write(id, plan), actor, entry, ct);

        return new MadePlan(id, isStored, plan, input);
    }

    /// <summary>A plan of which something failed stays open: what is left of it shows when it is compared with a new one.</summary>
    public async Task<IReadOnlyList<AppliedChange>> ApplyAsync(MadePlan made, string actor, CancellationToken ct)
    {
        var applied = await executor.ApplyAsync(made.Plan, new ApplyContext(made.IsStored ? made.Id : null, actor, made.Input), ct);
        if (made.IsStored && applied.Count > 0 && !applied.Any(change => change.Outcome is ApplyOutcome.Failed or ApplyOutcome.Unknown))
            await store.SetPlanStatusAsync(made.Id, PlanStatus.Applied, ct);
        return applied;
    }
}
