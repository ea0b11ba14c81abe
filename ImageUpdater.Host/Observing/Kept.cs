namespace ImageUpdater.Host.Observing;

/// <summary>One thing that was read.</summary>
/// <param name="Problem">Why there is no value; null where there is one.</param>
/// <param name="IsMissing">The problem is that it is not there, which is no failure of reading it.</param>
internal sealed record Reading<TValue>(TValue? Value, string? Problem = null, bool IsMissing = false)
    where TValue : class;

/// <summary>
/// What was read lately, for as long as that counts. In memory only, and bounded: what finds no room is read again the next time. For many callers
/// at once.
/// </summary>
/// <param name="room">For the sizes of all.</param>
internal sealed class Kept<TKey, TValue>(TimeSpan duration, int room, TimeProvider time)
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

    /// <param name="look">The number of the look that read it.</param>
    public void Keep(TKey key, Reading<TValue> reading, int size, long look)
    {
        lock (gate)
        {
            Remove(key);
            if (used + size > room)
                Clean();
            if (used + size > room)
                return;
            entries.Add(key, new Entry(reading, time.GetUtcNow(), size, look));
            used += size;
        }
    }

    /// <summary>Forgets what does not count any more.</summary>
    public void Clean()
    {
        lock (gate)
        {
            foreach (var (key, _) in entries.Where(entry => !IsFresh(entry.Value)).ToList())
                Remove(key);
        }
    }

    // One from the future: the clock was put back since.
    private bool IsFresh(Entry entry) => time.GetUtcNow() - entry.At is var age && age >= TimeSpan.Zero && age < duration;

    private void Remove(TKey key)
    {
        if (entries.Remove(key, out var entry))
            used -= entry.Size;
    }

    internal sealed record Entry(Reading<TValue> Reading, DateTimeOffset At, int Size, long Look);
}
