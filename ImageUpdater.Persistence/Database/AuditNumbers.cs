using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Database;

/// <summary>
/// Numbers the audit records that a write adds, and notifies waiting readers after the commit. The counter is one row, which is locked from its
/// update to the end of the transaction: in any database a number is given only when all lower ones are visible.
/// </summary>
internal sealed class AuditNumbers
{
    private readonly Lock gate = new();
    private TaskCompletionSource news = New();
    private long? last;
    private long? before;

    /// <summary>The number of the newest record before this process's first one; null if this process has not added any.</summary>
    public long? Before
    {
        get
        {
            lock (gate)
                return before;
        }
    }

    /// <summary>The newest number known to this process (null if none), and a task that completes with the next commit.</summary>
    public (long? Last, Task Next) Newest
    {
        get
        {
            lock (gate)
                return (last, news.Task);
        }
    }

    /// <returns>The number of the last added record; null if the write adds none.</returns>
    public async Task<long?> GiveAsync(StateContext context, CancellationToken cancellationToken)
    {
        var added = context.ChangeTracker.Entries<AuditRow>().Where(entry => entry.State == EntityState.Added).OrderBy(entry => entry.Entity.Id).ToList();
        if (added.Count == 0)
            return null;

        // Updated before reading, because the update locks the row.
        if (await context.AuditCounter.ExecuteUpdateAsync(update => update.SetProperty(row => row.Last, row => row.Last + added.Count), cancellationToken) == 0)
            context.AuditCounter.Add(new AuditCounterRow { Last = added.Count });
        var end = await LastAsync(context, cancellationToken) ?? added.Count;
        foreach (var (index, entry) in added.Index())
            entry.Property(row => row.Id).CurrentValue = end - added.Count + 1 + index;
        // Set before the records become visible. If the write fails, the next one starts at the same number.
        lock (gate)
            before ??= end - added.Count;
        return end;
    }

    /// <returns>The newest number in the database; null if there are no records.</returns>
    public static Task<long?> LastAsync(StateContext context, CancellationToken cancellationToken) =>
        context.AuditCounter.Select(row => (long?)row.Last).SingleOrDefaultAsync(cancellationToken);

    public void Committed(long number)
    {
        lock (gate)
        {
            last = number;
            news.SetResult();
            news = New();
        }
    }

    /// <summary>Sets the newest number as read from the database, unless a commit has set it since.</summary>
    public void Found(long number)
    {
        lock (gate)
            last ??= number;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
