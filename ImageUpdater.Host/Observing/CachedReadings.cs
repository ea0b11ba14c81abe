namespace ImageUpdater.Host.Observing;

/// <summary>The result of a read.</summary>
/// <param name="Problem">Why there is no value; null if there is one.</param>
/// <param name="IsMissing">Whether the problem is that the object does not exist, which is not a failed read.</param>
internal sealed record Reading<TValue>(TValue? Value, string? Problem = null, bool IsMissing = false)
    where TValue : class;

/// <summary>
/// A cache with a fixed lifetime, in memory and bounded: a value that does not fit is not cached. Thread-safe.
/// </summary>
/// <param name="limit">The limit for the sum of all sizes.</param>
internal sealed class CachedReadings<TKey, TValue>(TimeSpan duration, int limit, TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, Entry> entries = [];
    private int used;

    public Entry? Find(TKey key)
    {
        lock (gate)
            return entries.TryGetValue(key, out var entry) && IsFresh(entry) ? entry : null;
    }

    /// <param name="round">The number of the round that read the value.</param>
    public void Add(TKey key, Reading<TValue> reading, int size, long round)
    {
        lock (gate)
        {
            Remove(key);
            if (used + size > limit)
                Clean();
            if (used + size > limit)
                return;
            entries.Add(key, new Entry(reading, time.GetUtcNow(), size, round));
            used += size;
        }
    }

    /// <summary>Removes expired entries.</summary>
    public void Clean()
    {
        lock (gate)
        {
            foreach (var (key, _) in entries.Where(entry => !IsFresh(entry.Value)).ToList())
                Remove(key);
        }
    }

    // A negative age means that the clock was set back since.
    private bool IsFresh(Entry entry) => time.GetUtcNow() - entry.At is var age && age >= TimeSpan.Zero && age < duration;

    private void Remove(TKey key)
    {
        if (entries.Remove(key, out var entry))
            used -= entry.Size;
    }

    internal sealed record Entry(Reading<TValue> Reading, DateTimeOffset At, int Size, long Round);
}
