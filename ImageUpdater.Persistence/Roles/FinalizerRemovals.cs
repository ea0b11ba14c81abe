using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;

namespace ImageUpdater.Persistence.Roles;

/// <summary>Intents of patches that remove the Python operator's finalizer.</summary>
internal sealed class FinalizerRemovals(StateDatabase database)
{
    public Task<bool> BeginAsync(FinalizerRemoval intent, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            if (await context.FinalizerRemovals.FindAsync([intent.Uid], cancellationToken) is { } open)
            {
                open.Patch = intent.Patch;
                return false;
            }

            context.FinalizerRemovals.Add(FinalizerRemovalRow.Of(intent));
            return true;
        },
        cancellationToken);

    public Task<bool> EndAsync(string uid, AuditRecord? record, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            if (await context.FinalizerRemovals.FindAsync([uid], cancellationToken) is not { } open)
                return false;

            context.FinalizerRemovals.Remove(open);
            if (record is not null)
                context.Audit.Add(AuditRow.Of(record));
            return true;
        },
        cancellationToken);
}
