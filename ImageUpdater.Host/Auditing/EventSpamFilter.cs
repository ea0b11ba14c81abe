namespace ImageUpdater.Host.Auditing;

/// <summary>
/// Limits the events per object: a burst of 25, then one every 5 minutes. The limits are those of client-go's recorder (tools/record,
/// EventSourceObjectSpamFilter).
/// </summary>
internal sealed class EventSpamFilter(TimeProvider time)
{
    private const int Burst = 25;
    private const int MaxObjects = 4096;

    private static readonly TimeSpan RefillEvery = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Bucket> buckets = new(StringComparer.Ordinal);

    public bool Allows(string uid)
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            var left = (double)Burst;
            if (buckets.TryGetValue(uid, out var bucket))
                left = Math.Min(Burst, bucket.Left + (time.GetElapsedTime(bucket.At, now) / RefillEvery));
            else if (buckets.Count >= MaxObjects)
                buckets.Remove(buckets.MinBy(entry => entry.Value.At).Key);

            var allowed = left >= 1;
            buckets[uid] = new Bucket(allowed ? left - 1 : left, now);
            return allowed;
        }
    }

    private sealed record Bucket(double Left, long At);
}
