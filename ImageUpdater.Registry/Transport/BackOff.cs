using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry.Transport;

/// <summary>Backoff and rate limit as reported by a host. Applies to all requests to it.</summary>
internal sealed class BackOff
{
    private long until;
    private volatile RateLimit? rateLimit;

    /// <summary>Back off until this time; null if there is no backoff.</summary>
    public DateTimeOffset? Until(DateTimeOffset now)
    {
        var seen = Interlocked.Read(ref until);
        // None is longer: the clock was set back, and a later one must be able to begin.
        if (seen > (now + RetryAfter.Longest).UtcTicks)
            Interlocked.CompareExchange(ref until, 0, seen);
        return seen > now.UtcTicks && seen <= (now + RetryAfter.Longest).UtcTicks ? new DateTimeOffset(seen, TimeSpan.Zero) : null;
    }

    /// <summary>From the most recent response with rate limit headers; null if there was none.</summary>
    public RateLimit? RateLimit
    {
        get => rateLimit;
        set => rateLimit = value;
    }

    /// <summary>Only extends the backoff: a response that arrives late must not end it early.</summary>
    public void Extend(DateTimeOffset to)
    {
        var seen = Interlocked.Read(ref until);
        while (to.UtcTicks > seen)
        {
            var before = Interlocked.CompareExchange(ref until, to.UtcTicks, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
