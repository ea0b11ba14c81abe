namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>
/// A clock that only moves when the test advances it. Delays up to ten seconds end at once, so that retries take no time; longer timers,
/// such as a request's timeout, fire when the clock is moved past them.
/// </summary>
internal sealed class ScriptedTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ScriptedTimer> timers = [];
    private readonly List<TimeSpan> pauses = [];
    private DateTimeOffset now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    /// <summary>The requested delays, in order.</summary>
    public IReadOnlyList<TimeSpan> Pauses
    {
        get
        {
            lock (gate)
                return [.. pauses];
        }
    }

    public override DateTimeOffset GetUtcNow() => now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now.UtcTicks;

    public void Advance(TimeSpan by)
    {
        ScriptedTimer[] due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(timer => timer.Due <= now)];
            timers.RemoveAll(due.Contains);
        }

        foreach (var timer in due)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ScriptedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ScriptedTimer(ScriptedTime owner, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;

            lock (owner.gate)
            {
                Due = owner.now + dueTime;
                if (dueTime > TimeSpan.FromSeconds(10))
                {
                    owner.timers.Add(this);
                    return true;
                }

                owner.pauses.Add(dueTime);
            }

            ThreadPool.QueueUserWorkItem(_ => Fire());
            return true;
        }

        public void Dispose()
        {
            lock (owner.gate)
                owner.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
