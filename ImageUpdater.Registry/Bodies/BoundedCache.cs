using System.Diagnostics.CodeAnalysis;

namespace ImageUpdater.Registry.Bodies;

/// <summary>
/// A cache for one registry, bounded in bytes: for itself, so that no registry takes all, and with those of the other registries. What does not fit is
/// not cached. Thread-safe.
/// </summary>
/// <param name="limit">The limit for this registry.</param>
internal sealed class BoundedCache<TKey, TValue>(ByteBudget shared, long limit) : IDisposable
    where TKey : notnull
    where TValue : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, (TValue Value, long Size)> entries = [];
    private long used;
    private bool isDisposed;

    public bool TryFind(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        lock (gate)
        {
            value = entries.TryGetValue(key, out var entry) ? entry.Value : null;
            return value is not null;
        }
    }

    /// <param name="isEnded">Which values are of no use any more: they are removed first.</param>
    public void Add(TKey key, TValue value, long size, Func<TValue, bool> isEnded)
    {
        lock (gate)
        {
            Drop(key);
            foreach (var ended in entries.Where(entry => isEnded(entry.Value.Value)).Select(entry => entry.Key).ToList())
                Drop(ended);
            if (isDisposed || used + size > limit || !shared.TryTake(size))
                return;

            entries.Add(key, (value, size));
            used += size;
        }
    }

    public void Remove(TKey key)
    {
        lock (gate)
            Drop(key);
    }

    /// <summary>Gives the bytes back. Nothing is cached afterwards.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            entries.Clear();
            shared.Return(used);
            used = 0;
        }
    }

    private void Drop(TKey key)
    {
        if (!entries.Remove(key, out var entry))
            return;
        used -= entry.Size;
        shared.Return(entry.Size);
    }
}
