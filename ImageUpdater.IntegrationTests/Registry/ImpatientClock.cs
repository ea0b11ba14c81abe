using System.Collections.Concurrent;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>
/// A clock on which delays end at once and are recorded. Timeouts, which are longer, take real time.
/// </summary>
internal sealed class ImpatientClock : TimeProvider
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<TimeSpan> pauses = new();
    private long ticks = new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero).UtcTicks;

    public IReadOnlyList<TimeSpan> Pauses => [.. pauses];

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan || dueTime > LongestPause)
            return base.CreateTimer(callback, state, dueTime, period);

        pauses.Enqueue(dueTime);
        Advance(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
