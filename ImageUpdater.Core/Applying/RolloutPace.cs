using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Applying;

/// <summary>How far a rollout has come at its best, and for how long it has not come further.</summary>
/// <remarks>
/// Progress is a new maximum since the rollout began: pods of a crashing container become available again and again, and a return to an
/// earlier number would keep such a rollout alive for ever.
/// </remarks>
/// <param name="Updated">The most pods that were updated.</param>
/// <param name="Available">The most updated pods that were available.</param>
/// <param name="WithoutProgress">Since the last new maximum, without the time in which the workload was not read.</param>
/// <param name="At">Until when that is counted.</param>
public sealed record RolloutPace(int Updated, int Available, TimeSpan WithoutProgress, DateTimeOffset At)
{
    /// <summary>How often it is stored that there is no progress: it is computed far more often.</summary>
    public static readonly TimeSpan SavedEvery = TimeSpan.FromMinutes(1);

    public static RolloutPace StartingAt(DateTimeOffset at) => new(Updated: 0, Available: 0, TimeSpan.Zero, at);

    /// <summary>The workload was read.</summary>
    /// <param name="longestGap">Counts at most that much of the time since it was read before: nobody looked in between.</param>
    public RolloutPace Read(WorkloadSnapshot workload, DateTimeOffset now, TimeSpan longestGap)
    {
        var status = workload.Status;
        if (status.ObservedGeneration >= status.Generation)
        {
            // Old pods are available too. What is left when all of them are taken off are updated ones.
            var available = status.Available - Math.Max(0, status.Total - status.Updated);
            if (status.Updated > Updated || available > Available)
                return new RolloutPace(Math.Max(status.Updated, Updated), Math.Max(available, Available), TimeSpan.Zero, now);
        }

        var gap = now - At;
        if (gap < TimeSpan.Zero)
            gap = TimeSpan.Zero;
        return this with { WithoutProgress = WithoutProgress + (gap < longestGap ? gap : longestGap), At = now };
    }

    /// <summary>Progress is stored at once, and that there is none once a minute.</summary>
    public bool IsWorthSaving(RolloutPace? stored) =>
        stored is null || stored.Updated != Updated || stored.Available != Available || (At - stored.At).Duration() >= SavedEvery;

    /// <summary>The workload could not be read: that time does not count.</summary>
    public RolloutPace Unread(DateTimeOffset now) => this with { At = now };
}
