using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host;

/// <summary>Observe, plan, apply. Tracking runs separately, and reports read what all of them stored.</summary>
internal sealed class Pipeline(ClusterReader cluster, ImageObserver images, CurrentState current, PlanBuilder planning, Executor executor, IPlanningState store, Instruments instruments)
{
    /// <summary>One cycle of the controller.</summary>
    public async Task<Result<AppliedPlan, KubernetesFailure>> ReconcileAsync(PlanRequest request, CancellationToken cancellationToken)
    {
        var made = await PlanAsync(request, cancellationToken);
        if (!made.IsSuccess(out var plan, out var failure))
            return failure;

        request.Planned?.Invoke(plan);
        return new AppliedPlan(plan, await ApplyAsync(plan, request.Actor, isCycle: true, cancellationToken));
    }

    /// <summary>Plans from the current state and cluster. Queries no registry and writes nothing, so that it can run next to a controller.</summary>
    public async Task<Result<MadePlan, KubernetesFailure>> PreviewAsync(PlanRequest request, CancellationToken cancellationToken)
    {
        var read = await cluster.ReadAsync(request.Namespaces, cancellationToken);
        if (!read.IsSuccess(out var view, out var failure))
            return failure;

        var observed = await images.ObserveAsync(view.Workloads, Refresh.None, selections: [], progress: null, cancellationToken);
        var state = await store.LoadAsync(cancellationToken);
        var (plan, input) = await planning.PlanAsync(planning.Input(request, view, observed, state), Refresh.None, cancellationToken);
        return new MadePlan(Identifiers.New("p"), IsStored: false, plan, input, state.OpenRollouts);
    }

    /// <summary>Observes and plans. Stores observations, adoptions and decisions; changes nothing in the cluster.</summary>
    public async Task<Result<MadePlan, KubernetesFailure>> PlanAsync(PlanRequest request, CancellationToken cancellationToken)
    {
        await current.RecoverAsync(cancellationToken);
        var read = await cluster.ReadAsync(request.Namespaces, cancellationToken);
        if (!read.IsSuccess(out var view, out var failure))
            return failure;

        var observed = await images.ObserveAsync(view.Workloads, request.Refresh, request.Checks, request.Progress, cancellationToken);
        request.Observed?.Invoke();
        var state = await current.LoadAsync(view.Workloads, request.Actor, cancellationToken);
        var (plan, input) = await planning.PlanAsync(planning.Input(request, view, observed, state), request.Refresh, cancellationToken);
        if (await current.ReloadAsync(plan, view.Workloads, cancellationToken) is { } changed)
        {
            state = changed;
            (plan, input) = await planning.PlanAsync(planning.Input(request, view, observed, state), request.Refresh, cancellationToken);
        }

        var id = Identifiers.New("p");
        var entry = DecisionJournal.Compare(input.LastDecisions, plan, request.Actor, id);
        var isNew = request.KeepEmpty || entry.IsNews;
        if (isNew)
            await store.SavePlanAsync(id, plan, request.Actor, entry, cancellationToken);
        else if (!entry.IsEmpty)
            await store.SaveDecisionsAsync(plan, entry, cancellationToken);
        foreach (var decision in entry.Decisions)
            instruments.PlanChanged(decision.Action, decision.Reason);

        if (WaitingPace.Changes(plan, input) is { Count: > 0 } paces)
            await store.SavePacesAsync(paces, cancellationToken);
        // Restarts whose turn has come are those of the plan that queued them.
        var stored = isNew ? id : plan.Changes.Any() ? await store.NewestPlanAsync(plan.Scope, cancellationToken) : null;
        return new MadePlan(stored ?? id, stored is not null, plan, input, state.OpenRollouts);
    }

    /// <summary>Applies the plan. It is not marked as applied if changes failed or are queued, so that it can be applied again.</summary>
    public async Task<IReadOnlyList<AppliedChange>> ApplyAsync(MadePlan made, string actor, bool isCycle, CancellationToken cancellationToken)
    {
        var applied = await executor.ApplyAsync(made.Plan, new ApplyContext(made.IsStored ? made.Id : null, actor, made.Input, made.OpenRollouts) { IsCycle = isCycle }, cancellationToken);
        if (made.IsStored && applied.Count > 0 && !made.Plan.Queued.Any() && !applied.Any(change => change.Outcome is ApplyOutcome.Failed or ApplyOutcome.Unknown))
            await store.SetPlanStatusAsync(made.Id, PlanStatus.Applied, cancellationToken);
        return applied;
    }
}
