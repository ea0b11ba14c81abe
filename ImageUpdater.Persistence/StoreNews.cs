using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

/// <summary>What one write added to the books.</summary>
/// <param name="Ended">Rollouts that ended, those among them that another one took the place of.</param>
/// <param name="Decisions">Those that are new, or other than before.</param>
public sealed record StoreNews(IReadOnlyList<AuditRecord> Audit, IReadOnlyList<Rollout> Ended, IReadOnlyList<DecisionNews> Decisions);

public sealed record DecisionNews(ContainerId Id, ContainerAction Action, DecisionReason Reason);

/// <summary>Tells of each write.</summary>
internal static class News
{
    // Rows are noticed before they are saved, since nothing is new afterwards, and read afterwards, since only then they have their ids.
    internal sealed record Noticed(IReadOnlyList<AuditRow> Audit, IReadOnlyList<RolloutRow> Ended, IReadOnlyList<DecisionRow> Decisions)
    {
        public bool IsEmpty => Audit.Count == 0 && Ended.Count == 0 && Decisions.Count == 0;

        public static Noticed In(StateContext context)
        {
            var entries = context.ChangeTracker.Entries().Where(entry => entry.State is EntityState.Added or EntityState.Modified).ToList();
            return new Noticed(
                [.. entries.Select(entry => entry.Entity).OfType<AuditRow>()],
                [.. entries.Where(entry => entry.State == EntityState.Modified).Select(entry => entry.Entity).OfType<RolloutRow>().Where(row => row.EndedAt is not null)],
                [.. entries.Select(entry => entry.Entity).OfType<DecisionRow>()]);
        }

        public StoreNews ToNews() => new(
            [.. Audit.Select(row => row.ToRecord())],
            [.. Ended.Select(row => row.ToRollout())],
            [.. Decisions.Select(row => new DecisionNews(row.ContainerId, row.Action, row.Reason))]);
    }
}
