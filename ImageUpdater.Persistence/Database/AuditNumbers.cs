using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Database;

/// <summary>
/// Gives the records that a write adds their numbers, and tells who waits of them once they are committed. One row counts: whoever changed it
/// holds it until the end of the transaction, so that on any database the next number is given only when all before it can be read.
/// </summary>
internal sealed class AuditNumbers
{
    private readonly Lock gate = new();
    private TaskCompletionSource news = New();
    private long? last;

    /// <summary>The newest number that was committed here, and what ends with the next; no number before the first.</summary>
    public (long? Last, Task Next) Newest
    {
        get
        {
            lock (gate)
                return (last, news.Task);
        }
    }

    /// <returns>The number of the last of the records; null when there is none.</returns>
    public static async Task<long?> GiveAsync(StateContext context, CancellationToken cancellationToken)
    {
        var added = context.ChangeTracker.Entries<AuditRow>().Where(entry => entry.State == EntityState.Added).OrderBy(entry => entry.Entity.Id).ToList();
        if (added.Count == 0)
            return null;

        // First of all changed, then read: from now on nobody else can.
        if (await context.AuditCounter.ExecuteUpdateAsync(update => update.SetProperty(row => row.Last, row => row.Last + added.Count), cancellationToken) == 0)
            context.AuditCounter.Add(new AuditCounterRow { Last = added.Count });
        var end = await LastAsync(context, cancellationToken) ?? added.Count;
        foreach (var (index, entry) in added.Index())
            entry.Property(row => row.Id).CurrentValue = end - added.Count + 1 + index;
        return end;
    }

    /// <returns>Null before the first record.</returns>
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

    /// <summary>As it was read, by who found no number here.</summary>
    public void Found(long number)
    {
        lock (gate)
            last ??= number;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
