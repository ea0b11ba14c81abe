namespace ImageUpdater.Registry.Bodies;

/// <summary>A limit, in bytes, for what all registries together may have kept in memory. Thread-safe.</summary>
internal sealed class ByteBudget(long limit)
{
    private readonly Lock gate = new();
    private long used;

    public bool TryTake(long bytes)
    {
        lock (gate)
        {
            if (used + bytes > limit)
                return false;
            used += bytes;
            return true;
        }
    }

    public void Return(long bytes)
    {
        lock (gate)
            used -= bytes;
    }
}
