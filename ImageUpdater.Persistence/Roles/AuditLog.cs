using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

internal sealed class AuditLog(StateDatabase database, TimeProvider time) : IAuditLog
{
    public bool IsReadOnly => database.IsReadOnly;

    public Task<IReadOnlyList<AuditRecord>> ReadAfterAsync(long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AuditRecord>>(async context =>
        {
            var rows = await context.Audit.Where(row => row.Id > after).OrderBy(row => row.Id).Take(limit).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord())];
        });

    public Task<long> LastNumberAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(async context => await AuditNumbers.LastAsync(context, cancellationToken) ?? 0);

    public async Task<long> LastNumberBeforeAsync(CancellationToken cancellationToken)
    {
        if (database.AuditNumbers.Before is { } known)
            return known;

        var last = await LastNumberAsync(cancellationToken);
        // This process may have added its first record in between.
        return database.AuditNumbers.Before ?? last;
    }

    public async Task<long> WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (last, next) = database.AuditNumbers.Newest;
            if (last is null)
            {
                last = await LastNumberAsync(cancellationToken);
                database.AuditNumbers.Found(last.Value);
            }

            if (last != after)
                return last.Value;
            await next.WaitAsync(cancellationToken);
        }
    }

    public Task<long?> CursorAsync(string reader, CancellationToken cancellationToken) => database.ReadAsync(async context =>
    {
        var found = await context.Cursors.Where(row => row.Reader == reader)
            .Select(row => new { row.Position, Last = context.AuditCounter.Max(counter => (long?)counter.Last) ?? 0 }).SingleOrDefaultAsync(cancellationToken);
        // A cursor beyond the end, after an older store was restored, would skip new records until the log reaches it.
        return found is null ? (long?)null : Math.Min(found.Position, found.Last);
    });

    public Task MoveCursorAsync(string reader, long position, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            if (await context.Cursors.FindAsync([reader], cancellationToken) is { } row)
                (row.Position, row.MovedAt) = (position, time.GetUtcNow());
            else
                context.Cursors.Add(new CursorRow { Reader = reader, Position = position, MovedAt = time.GetUtcNow() });
            return true;
        },
        cancellationToken);
}
