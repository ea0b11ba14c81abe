using ImageUpdater.Persistence.Model;

namespace ImageUpdater.Persistence.Database;

/// <summary>Caches the result of a query until this process changes a row that the query reads; no other process writes.</summary>
/// <param name="rows">The types of the rows that the query reads.</param>
internal sealed class Cached<T>(StateDatabase database, Func<StateContext, CancellationToken, Task<T>> query, params Type[] rows) : ICached
    where T : class
{
    private readonly Lock gate = new();
    private T? value;
    private long changes;

    public async Task<T> GetAsync(CancellationToken cancellationToken)
    {
        long before;
        lock (gate)
        {
            if (value is not null)
                return value;
            before = changes;
        }

        var found = await database.ReadAsync(context => query(context, cancellationToken));
        lock (gate)
        {
            // A write since the read began may have made the result outdated, so it is not cached. With read-only access, another process may be writing.
            if (changes == before && !database.IsReadOnly)
                value = found;
        }

        return found;
    }

    public void Forget(IReadOnlySet<Type>? changed = null)
    {
        if (changed is not null && !changed.Overlaps(rows))
            return;

        lock (gate)
        {
            changes++;
            value = null;
        }
    }
}

internal interface ICached
{
    /// <param name="changed">The types of the rows that have changed; null for all.</param>
    void Forget(IReadOnlySet<Type>? changed = null);
}
