namespace ImageUpdater.Host.Scheduling;

/// <summary>The results of the controller's jobs, for readiness and metrics.</summary>
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

    /// <summary>When the last successful cycle ended; null before the first.</summary>
    public DateTimeOffset? LastCycle => Interlocked.Read(ref lastCycle) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Nothing is due before this time. Used only by the reconcile job.</summary>
    public DateTimeOffset NextCycle => new(Interlocked.Read(ref nextCycle), TimeSpan.Zero);

    /// <summary>The summary of that cycle; null before the first.</summary>
    public CycleSummary? Newest => newest;

    /// <summary>Why the last cycle failed; null if it succeeded, and before the first has ended.</summary>
    public string? Problem => problem;

    /// <summary>Why the ends of rollouts can't be recorded; null if they can. Used only by the track job.</summary>
    public string? TrackingProblem { get; set; }

    /// <summary>Whether a cycle, which may not have ended, has read the cluster and the registries.</summary>
    public bool HasObserved => observed;

    /// <summary>Whether a cycle has ended, successfully or not.</summary>
    public bool HasStarted => started;

    public bool IsWell => problem is null && LastCycle is not null;

    /// <summary>Whether the newest plan has queued restarts.</summary>
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

    /// <summary>Requests a cycle before the next check is due. A cycle that is already running does not count: it may have read the cluster before.</summary>
    public void CycleIsDue() => Interlocked.Exchange(ref wanted, 1);

    /// <summary>Whether a cycle was requested since the last call.</summary>
    public bool TakeWanted() => Interlocked.Exchange(ref wanted, 0) == 1;

    /// <param name="part">What failed, in a word or two.</param>
    public void CycleFailed(string part, string message)
    {
        CycleIsDue();
        problem = $"{part}: {message}";
        started = true;
    }
}
