namespace ImageUpdater.Persistence.Database;

/// <summary>
/// Caches the result of a query. Valid until this process changes the data, since no other process writes: every write must call
/// <see cref="Changed"/> after its commit.
/// </summary>
internal sealed class Remembered<T>
    where T : class
{
    private readonly Lock gate = new();
    private T? value;
    private long changes;

    public async Task<T> GetAsync(Func<Task<T>> read)
    {
        long before;
        lock (gate)
        {
            if (value is not null)
                return value;
            before = changes;
        }

        var found = await read();
        lock (gate)
        {
            // A write since the read began may have made the result outdated, so it is not cached.
            if (changes == before)
                value = found;
        }

        return found;
    }

    /// <param name="now">The new value; null to read it again.</param>
    public void Changed(T? now = null)
    {
        lock (gate)
        {
            changes++;
            value = now;
        }
    }
}
