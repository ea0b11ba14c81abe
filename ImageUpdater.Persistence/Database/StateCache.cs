using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Database;

/// <summary>What every cycle reads. A cycle in which nothing has changed queries nothing, and after a change only what it concerns is read again.</summary>
internal sealed class StateCache
{
    private readonly ICached[] all;

    public StateCache(StateDatabase database)
    {
        Images = new(database, async (context, cancellationToken) => (await context.Images.ToListAsync(cancellationToken)).Select(row => row.ToState()).ToDictionary(state => state.Observed), typeof(ImageRow));
        Baselines = new(database, async (context, cancellationToken) => await context.Baselines.ToDictionaryAsync(row => row.ContainerId, row => row.ToBaseline(), cancellationToken), typeof(BaselineRow));
        Decisions = new(
            database,
            async (context, cancellationToken) => await context.Decisions.Include(row => row.Workload).ToDictionaryAsync(row => row.ContainerId, row => row.ToDecision(), cancellationToken),
            typeof(DecisionRow), typeof(WorkloadRow));
        PullPolicies = new(database, async (context, cancellationToken) => (await context.PullPolicies.ToListAsync(cancellationToken)).Select(row => row.ContainerId).ToHashSet(), typeof(PullPolicyRow));
        Paces = new(
            database,
            async (context, cancellationToken) => await context.Workloads.Where(row => row.PaceAt != null).ToDictionaryAsync(row => row.Uid, row => row.ToPace()!, StringComparer.Ordinal, cancellationToken),
            typeof(WorkloadRow));
        Quarantine = new(
            database,
            async (context, cancellationToken) => (await context.Quarantine.OrderBy(row => row.Since).ThenBy(row => row.RolloutId).ThenBy(row => row.Container).ToListAsync(cancellationToken))
                .ConvertAll(row => row.ToQuarantined()),
            typeof(QuarantineRow));
        OpenRollouts = new(database, RolloutQueries.OpenAsync, typeof(RolloutRow));
        LastSucceeded = new(database, RolloutQueries.LastSucceededAsync, typeof(RolloutRow));
        LastNotApplied = new(database, RolloutQueries.LastNotAppliedAsync, typeof(RolloutRow));
        OpenFinalizerRemovals = new(
            database,
            async (context, cancellationToken) => (await context.FinalizerRemovals.OrderBy(row => row.Since).ThenBy(row => row.WorkloadUid).ToListAsync(cancellationToken))
                .ConvertAll(row => row.ToRemoval()),
            typeof(FinalizerRemovalRow));
        all = [Images, Baselines, Decisions, PullPolicies, Paces, Quarantine, OpenRollouts, LastSucceeded, LastNotApplied, OpenFinalizerRemovals];
    }

    public Cached<IReadOnlyDictionary<ObservedImage, ImageState>> Images { get; }

    public Cached<IReadOnlyDictionary<ContainerId, Baseline>> Baselines { get; }

    public Cached<IReadOnlyDictionary<ContainerId, LastDecision>> Decisions { get; }

    public Cached<IReadOnlySet<ContainerId>> PullPolicies { get; }

    /// <summary>By workload uid.</summary>
    public Cached<IReadOnlyDictionary<string, RolloutPace>> Paces { get; }

    public Cached<IReadOnlyList<QuarantinedDigest>> Quarantine { get; }

    public Cached<IReadOnlyList<Rollout>> OpenRollouts { get; }

    public Cached<IReadOnlyDictionary<string, LastRestart>> LastSucceeded { get; }

    public Cached<IReadOnlySet<string>> LastNotApplied { get; }

    public Cached<IReadOnlyList<FinalizerRemoval>> OpenFinalizerRemovals { get; }

    /// <param name="changed">The types of the rows that have changed; null for all.</param>
    public void Forget(IReadOnlySet<Type>? changed = null)
    {
        foreach (var cached in all)
            cached.Forget(changed);
    }
}
