using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    /// <summary>Writes the intent down. Only when this has returned may the patch be sent.</summary>
    /// <returns>False when one of the same workload was open already: a patch may be under way. It keeps its beginning, and takes the new patch.</returns>
    public Task<bool> BeginFinalizerRemovalAsync(FinalizerRemoval intent, CancellationToken cancellationToken) =>
        WriteAsync(
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

    /// <summary>Those of which it is not known whether their patch arrived, oldest first.</summary>
    public Task<IReadOnlyList<FinalizerRemoval>> OpenFinalizerRemovalsAsync(CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<FinalizerRemoval>>(async context =>
        {
            var rows = await context.FinalizerRemovals.OrderBy(row => row.Since).ThenBy(row => row.WorkloadUid).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRemoval())];
        });

    /// <param name="record">Null when the patch never arrived.</param>
    /// <returns>False when none is open; then nothing is written, so that a patch never has two records.</returns>
    public Task<bool> EndFinalizerRemovalAsync(string uid, AuditRecord? record, CancellationToken cancellationToken) =>
        WriteAsync(
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
