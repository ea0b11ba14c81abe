using System.Collections.Frozen;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Model;

namespace ImageUpdater.UnitTests.Persistence;

internal static class StoreExtensions
{
    public static Task<IReadOnlyList<Observation>> RecordChecksAsync(this IObservingState state, IReadOnlyCollection<ImageCheck> checks, CancellationToken cancellationToken) =>
        state.RecordChecksAsync(checks, FrozenDictionary<ImageReference, DateTimeOffset>.Empty, cancellationToken);

    /// <summary>Records without what they stand for.</summary>
    public static Task AppendAuditAsync(this StateStore store, IReadOnlyCollection<AuditRecord> records, CancellationToken cancellationToken) => store.Database.WriteAsync(
        context =>
        {
            context.Audit.AddRange(records.Select(AuditRow.Of));
            return Task.FromResult(true);
        },
        cancellationToken);

    /// <summary>Under an id of its own.</summary>
    public static Task SavePlanAsync(this IPlanningState state, RolloutPlan plan, JournalEntry entry, CancellationToken cancellationToken) =>
        state.SavePlanAsync($"{Guid.NewGuid()}", plan, "mona", entry, cancellationToken);
}
