namespace ImageUpdater.Host.Scheduling;

/// <summary>What the jobs of the controller have come to, for readiness and metrics.</summary>
internal sealed class ControllerState
{
    private volatile CycleSummary? newest;
    private volatile string? problem;
    private volatile bool observed;
    private volatile bool started;
    private volatile bool rolloutsQueued;
    private volatile int rolloutsRunning;
    private long lastCycle;
    private long nextCycle;
    private int wanted;

    /// <summary>When the last cycle read the cluster and planned; null before the first.</summary>
    public DateTimeOffset? LastCycle => Interlocked.Read(ref lastCycle) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Nothing is due before: neither an image nor the cluster. Only the job that reconciles looks at it.</summary>
    public DateTimeOffset NextCycle => new(Interlocked.Read(ref nextCycle), TimeSpan.Zero);

    /// <summary>What that cycle found; null before the first.</summary>
    public CycleSummary? Newest => newest;

    /// <summary>Why the newest cycle could not be carried through; null when it could, and before the first has ended.</summary>
    public string? Problem => problem;

    /// <summary>Why the ends of rollouts can't be written down; null when they can. Only the job that tracks looks at it.</summary>
    public string? TrackingProblem { get; set; }

    /// <summary>Cluster and registries were looked at, by a cycle that may not have ended.</summary>
    public bool HasObserved => observed;

    /// <summary>A cycle has ended, well or not.</summary>
    public bool HasStarted => started;

    public bool IsWell => problem is null && LastCycle is not null;

    /// <summary>The newest plan has restarts that wait for others to end.</summary>
    public bool RolloutsQueued
    {
        get => rolloutsQueued;
        set => rolloutsQueued = value;
    }

    public int RolloutsRunning
    {
        get => rolloutsRunning;
        set => rolloutsRunning = value;
    }

    public void Observed() => observed = true;

    public void CycleDone(DateTimeOffset at, DateTimeOffset next, CycleSummary summary)
    {
        Interlocked.Exchange(ref nextCycle, next.UtcTicks);
        newest = summary;
        Interlocked.Exchange(ref lastCycle, at.UtcTicks);
        problem = null;
        started = true;
    }

    /// <summary>Something besides the clock makes a cycle worth while, one that begins after this: the one under way may have looked before.</summary>
    public void CycleIsDue() => Interlocked.Exchange(ref wanted, 1);

    /// <summary>Whether a cycle was wanted since this was asked last.</summary>
    public bool TakeWanted() => Interlocked.Exchange(ref wanted, 0) == 1;

    /// <param name="part">What of the world failed, in a word or two.</param>
    public void CycleFailed(string part, string message)
    {
        CycleIsDue();
        problem = $"{part}: {message}";
        started = true;
    }
}
