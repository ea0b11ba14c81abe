using ImageUpdater.Core.State;
using ImageUpdater.Persistence.Model;

namespace ImageUpdater.Persistence.Roles;

/// <summary>Saves what a rule of Core has changed.</summary>
internal static class StateChanges
{
    public static async Task SaveAsync(StateContext context, StateChange change, CancellationToken cancellationToken)
    {
        // What the rule was called with is tracked by the context, so that nothing is read again.
        foreach (var rollout in change.Rollouts)
            (await context.Rollouts.FindAsync([rollout.Id], cancellationToken))!.Save(rollout);
        foreach (var held in change.Held)
        {
            if (await context.Quarantine.FindAsync([held.RolloutId, held.Id.Container], cancellationToken) is { } row)
                row.RetryBy = held.RetryBy;
            else
                context.Quarantine.Add(QuarantineRow.Of(held));
        }

        foreach (var released in change.Released)
        {
            if (await context.Quarantine.FindAsync([released.RolloutId, released.Id.Container], cancellationToken) is { } row)
                context.Quarantine.Remove(row);
        }

        context.Audit.AddRange(change.Audit.Select(AuditRow.Of));
    }
}
