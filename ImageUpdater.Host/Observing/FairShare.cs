namespace ImageUpdater.Host.Observing;

/// <summary>
/// A limit, in bytes, for what several owners hold together. If it is exceeded, the owner with the most loses its largest value, so that nobody loses
/// anything because of others who take more. Thread-safe.
/// </summary>
internal sealed class FairShare(long limit)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Share> shares = new(StringComparer.Ordinal);
    private long used;

    /// <returns>The values that are not to be held any more, perhaps the new one.</returns>
    public IReadOnlyList<(string Owner, string Name)> Add(string owner, string name, long size)
    {
        var lost = new List<(string, string)>();
        lock (gate)
        {
            if (!shares.TryGetValue(owner, out var share))
                shares[owner] = share = new Share(owner);
            share.Add(name, size);
            for (used += size; used > limit;)
            {
                var most = shares.Values.MaxBy(other => other.Used)!;
                var (largest, freed) = most.TakeLargest();
                used -= freed;
                lost.Add((most.Owner, largest));
            }
        }

        return lost;
    }

    private sealed class Share(string owner)
    {
        private readonly PriorityQueue<string, long> values = new();

        public string Owner => owner;

        public long Used { get; private set; }

        public void Add(string name, long size)
        {
            values.Enqueue(name, -size);
            Used += size;
        }

        public (string Name, long Size) TakeLargest()
        {
            values.TryDequeue(out var name, out var negative);
            Used += negative;
            return (name!, -negative);
        }
    }
}
