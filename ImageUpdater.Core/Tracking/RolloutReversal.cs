using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Tracking;

/// <summary>
/// Whether somebody reverted a restart: an operator that writes the whole template, a self-healing GitOps controller, <c>kubectl rollout undo</c>.
/// Kubernetes then returns to the old pods.
/// </summary>
/// <remarks>
/// | restartedAt now             | the restart                                    |
/// |-----------------------------|------------------------------------------------|
/// | what the restart wrote      | stands                                         |
/// | none                        | was reverted                                   |
/// | what it was before          | was reverted                                   |
/// | an earlier time             | was reverted: <c>undo --to-revision</c>, or a manifest that has a value of its own |
/// | another                     | was superseded by another one, as of kubectl   |
/// </remarks>
public static class RolloutReversal
{
    public static bool IsReverted(Rollout rollout, WorkloadSnapshot now) => IsReverted(rollout.RestartedAt, rollout.PreviousRestartedAt, now);

    public static bool IsReverted(LastRestart restart, WorkloadSnapshot now) => IsReverted(restart.RestartedAt, restart.PreviousRestartedAt, now);

    /// <summary>What was done, and by whom if that can be guessed, in one message.</summary>
    public static string Describe(Rollout rollout, WorkloadSnapshot now)
    {
        var what = now.RestartedAt is null ? "restartedAt was removed" : $"restartedAt was reset to {UntrustedText.Bound(now.RestartedAt, maxLength: 40)}";
        return Writer(rollout, now) is { } manager ? $"{what} (probably by {manager})" : what;
    }

    /// <summary>What the restart was for, of what is still asked for: the container has the image, and the digest is its baseline.</summary>
    public static IReadOnlyList<DigestChange> Standing(Rollout rollout, WorkloadSnapshot now, IReadOnlyDictionary<ContainerId, Baseline> baselines) =>
    [
        .. rollout.Changes.Where(change =>
            now.Containers.Concat(now.InitContainers).Any(container => container.Name == change.Container && container.ImageText == change.Image)
            && baselines.GetValueOrDefault(new ContainerId(now.Uid, change.Container))?.Digest == change.To),
    ];

    private static bool IsReverted(string restartedAt, string? previous, WorkloadSnapshot now) =>
        now.RestartedAt != restartedAt
        && (now.RestartedAt is null || now.RestartedAt == previous || RestartTime.Read(now.RestartedAt) < RestartTime.Read(restartedAt));

    // Times in managedFields are in seconds. A manager that only removed fields owns none, and is not listed.
    private static string? Writer(Rollout rollout, WorkloadSnapshot now) =>
        now.LastTemplateWriter is { } writer && writer.Time >= rollout.StartedAt.AddTicks(-(rollout.StartedAt.Ticks % TimeSpan.TicksPerSecond)) ? writer.Manager : null;
}
