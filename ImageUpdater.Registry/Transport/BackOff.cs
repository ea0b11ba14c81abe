using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry.Transport;

/// <summary>How often a host may be asked, by its own word. It holds for everything that is asked of it.</summary>
internal sealed class BackOff
{
    private long until;
    private volatile RateLimit? rateLimit;

    /// <summary>It asked for a pause until then; in the past where there is none.</summary>
    public DateTimeOffset Until => new(Interlocked.Read(ref until), TimeSpan.Zero);

    /// <summary>As its newest answer has it; null where none said anything of it.</summary>
    public RateLimit? RateLimit
    {
        get => rateLimit;
        set => rateLimit = value;
    }

    /// <summary>Only ever longer: an answer that was under way must not end the pause early.</summary>
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
