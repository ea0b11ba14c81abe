using System.Collections.Concurrent;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Tracking;

/// <summary>The pace of each rollout, more recent than the stored one: a rollout is checked every two seconds, which is too often to write.</summary>
/// <param name="isContinuous">The controller checks all the time, so a long gap is a time in which it did not run. A command checks when it is run.</param>
internal sealed class RolloutPaces(bool isContinuous, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, RolloutPace> paces = new(StringComparer.Ordinal);

    public RolloutPace Read(Rollout rollout, WorkloadSnapshot workload) =>
        paces[rollout.Id] = Of(rollout).Read(workload, time.GetUtcNow(), isContinuous ? RolloutPace.SavedEvery : TimeSpan.MaxValue);

    public RolloutPace Unread(Rollout rollout) => paces[rollout.Id] = Of(rollout).Unread(time.GetUtcNow());

    public void Forget(string rolloutId) => paces.TryRemove(rolloutId, out _);

    private RolloutPace Of(Rollout rollout) => paces.GetValueOrDefault(rollout.Id) ?? rollout.Pace ?? RolloutPace.StartingAt(rollout.StartedAt);
}
