using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;

namespace ImageUpdater.Persistence;

/// <summary>What executing writes, and what tracking adds: each step of a restart before the next one is taken.</summary>
public interface IApplyingState
{
    /// <summary>Rollouts whose end is not known, oldest first.</summary>
    Task<IReadOnlyList<Rollout>> OpenRolloutsAsync(CancellationToken cancellationToken);

    /// <summary>Of one workload, newest first.</summary>
    Task<IReadOnlyList<Rollout>> RolloutsOfAsync(string uid, int limit, CancellationToken cancellationToken);

    /// <summary>Writes the intent down. Only when this has returned may the patch be sent.</summary>
    Task BeginRolloutAsync(Rollout intent, CancellationToken cancellationToken);

    /// <summary>
    /// The patch was applied, possibly after a timeout: the rollout is running, its baselines are stored, and running rollouts of the same
    /// workload end as superseded, each with its own record.
    /// </summary>
    /// <returns>False when that was known already; then nothing is written, so that a patch never has two records.</returns>
    Task<bool> MarkPatchedAsync(string rolloutId, string resourceVersionAfter, AuditRecord record, CancellationToken cancellationToken);

    /// <summary>The patch never arrived.</summary>
    /// <returns>False when that is known already, or something else; then nothing is written.</returns>
    Task<bool> MarkNotAppliedAsync(string rolloutId, string reason, AuditRecord? record, CancellationToken cancellationToken);

    /// <summary>Deletes an intent whose patch was refused, if there is nothing to record about it.</summary>
    Task DiscardIntentAsync(string rolloutId, CancellationToken cancellationToken);

    /// <summary>How far a running rollout has come. Nothing is written for one that does not run (any more).</summary>
    Task SavePaceAsync(string rolloutId, RolloutPace pace, CancellationToken cancellationToken);

    /// <summary>How it ended. The digests of one that failed are quarantined with it.</summary>
    /// <returns>False when the rollout does not run (any more); then nothing is written.</returns>
    Task<bool> FinishRolloutAsync(string rolloutId, RolloutEnd end, AuditRecord record, CancellationToken cancellationToken);

    /// <summary>Writes the intent down. Only when this has returned may the patch be sent.</summary>
    /// <returns>False when one of the same workload was open already: a patch may be under way. It keeps its beginning, and takes the new patch.</returns>
    Task<bool> BeginFinalizerRemovalAsync(FinalizerRemoval intent, CancellationToken cancellationToken);

    /// <summary>Those of which it is not known whether their patch arrived, oldest first.</summary>
    Task<IReadOnlyList<FinalizerRemoval>> OpenFinalizerRemovalsAsync(CancellationToken cancellationToken);

    /// <param name="record">Null when the patch never arrived.</param>
    /// <returns>False when none is open; then nothing is written, so that a patch never has two records.</returns>
    Task<bool> EndFinalizerRemovalAsync(string uid, AuditRecord? record, CancellationToken cancellationToken);
}
