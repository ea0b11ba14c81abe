using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry.Transport;

/// <summary>Backoff and rate limit as reported by a host. Applies to all requests to it.</summary>
internal sealed class BackOff
{
    private long until;
    private volatile RateLimit? rateLimit;

    /// <summary>Back off until this time; in the past if there is no backoff.</summary>
    public DateTimeOffset Until => new(Interlocked.Read(ref until), TimeSpan.Zero);

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
