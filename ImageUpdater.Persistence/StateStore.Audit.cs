using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    /// <summary>In the order given; ids ascend.</summary>
    public Task AppendAuditAsync(IReadOnlyCollection<AuditRecord> records, CancellationToken cancellationToken) =>
        records.Count == 0
            ? Task.CompletedTask
            : WriteAsync(
                context =>
                {
                    context.Audit.AddRange(records.Select(AuditRow.Of));
                    return Task.FromResult(true);
                },
                cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<AuditRecord>> AuditAsync(AuditFilter filter, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<AuditRecord>>(async context =>
        {
            IQueryable<AuditRow> rows = context.Audit;
            if (filter.Kind is { } kind)
                rows = rows.Where(row => row.Kind == kind);
            if (filter.Name is { } name)
                rows = rows.Where(row => row.Name == name);
            if (filter.Namespace is { } @namespace)
                rows = rows.Where(row => row.Namespace == @namespace);
            if (filter.Since is { } since)
                rows = rows.Where(row => row.At >= since);
            if (filter.BeforeId is { } before)
                rows = rows.Where(row => row.Id < before);

            var found = await rows.OrderByDescending(row => row.Id).Take(filter.Limit).ToListAsync(cancellationToken);
            return [.. found.Select(row => row.ToRecord())];
        });
}
