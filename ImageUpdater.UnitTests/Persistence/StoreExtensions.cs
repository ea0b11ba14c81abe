using System.Collections.Frozen;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.UnitTests.Persistence;

internal static class StoreExtensions
{
    public static Task<RecordedChecks> RecordChecksAsync(this IObservingState state, IReadOnlyCollection<ImageCheck> checks, CancellationToken cancellationToken) =>
        state.RecordChecksAsync(checks, FrozenDictionary<ObservedImage, DateTimeOffset>.Empty, cancellationToken);

    public static async Task<IReadOnlyDictionary<ContainerId, Baseline>> LoadBaselinesAsync(this IPlanningState state, CancellationToken cancellationToken) =>
        (await state.LoadAsync(cancellationToken)).Baselines;

    public static async Task<IReadOnlyDictionary<ContainerId, LastDecision>> LoadDecisionsAsync(this IPlanningState state, CancellationToken cancellationToken) =>
        (await state.LoadAsync(cancellationToken)).Decisions;

    public static async Task<IReadOnlyList<QuarantinedDigest>> LoadQuarantineAsync(this IPlanningState state, CancellationToken cancellationToken) =>
        (await state.LoadAsync(cancellationToken)).Quarantine;

    /// <summary>Adds audit records only, without the changes that they describe.</summary>
    public static Task AppendAuditAsync(this StateStore store, IReadOnlyCollection<AuditRecord> records, CancellationToken cancellationToken) => store.Database.WriteAsync(
        context =>
        {
            context.Audit.AddRange(records.Select(AuditRow.Of));
            return Task.FromResult(true);
        },
        cancellationToken);

    /// <summary>Makes the workloads known, as those that still exist are: up to date, without an audit record.</summary>
    public static Task KnowAsync(this StateStore store, params string[] uids)
    {
        var plan = Samples.Plan([.. uids.Select(uid => Samples.Workload(uid, uid, Samples.Decision("web", ContainerAction.NoOp, DecisionReason.UpToDate)))]);
        return store.Planning.SaveDecisionsAsync(plan, Samples.Journal(plan), CancellationToken.None);
    }

    /// <summary>Saves a plan under a new id.</summary>
    public static Task SavePlanAsync(this IPlanningState state, RolloutPlan plan, JournalEntry entry, CancellationToken cancellationToken) =>
        state.SavePlanAsync($"{Guid.NewGuid()}", plan, "mona", entry, cancellationToken);
}
