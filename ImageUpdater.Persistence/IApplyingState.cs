using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;

namespace ImageUpdater.Persistence;

/// <summary>State of applying and tracking. Every step of a restart is stored before the next one begins, so that a crash can be recovered.</summary>
public interface IApplyingState
{
    /// <summary>Rollouts in the state Intended or Running, oldest first.</summary>
    Task<IReadOnlyList<Rollout>> OpenRolloutsAsync(CancellationToken cancellationToken);

    /// <summary>The rollouts of one workload, newest first.</summary>
    Task<IReadOnlyList<Rollout>> RolloutsOfAsync(string uid, int limit, CancellationToken cancellationToken);

    /// <summary>Stores the intent. The patch must not be sent before this has returned.</summary>
    Task BeginRolloutAsync(Rollout intent, CancellationToken cancellationToken);

    /// <summary>
    /// The patch was applied, possibly after a timeout: the rollout is running, its baselines are stored, and running rollouts of the same
    /// workload end as superseded, each with its own record.
    /// </summary>
    /// <returns>False if that was already recorded; then nothing is written, so that a patch never has two audit records.</returns>
    Task<bool> MarkPatchedAsync(string rolloutId, string resourceVersionAfter, AuditRecord record, CancellationToken cancellationToken);

    /// <summary>Records that the patch was not applied.</summary>
    /// <returns>False if the rollout is no longer in the state Intended; then nothing is written.</returns>
    Task<bool> MarkNotAppliedAsync(string rolloutId, string reason, AuditRecord? record, CancellationToken cancellationToken);

    /// <summary>Deletes an intent whose patch was refused, if there is nothing to record about it.</summary>
    Task DiscardIntentAsync(string rolloutId, CancellationToken cancellationToken);

    /// <summary>Records the progress of a running rollout. Nothing is written if it is not running.</summary>
    Task SavePaceAsync(string rolloutId, RolloutPace pace, CancellationToken cancellationToken);

    /// <summary>Records the end of a running rollout. The digests of one that failed, ended with a mismatch or was reverted are held from then on, in the same transaction.</summary>
    /// <returns>False if the rollout is not running; then nothing is written.</returns>
    Task<bool> FinishRolloutAsync(string rolloutId, RolloutEnd end, AuditRecord record, CancellationToken cancellationToken);

    /// <summary>Records that somebody reverted a restart that had succeeded. Its digests are held from then on, in the same transaction.</summary>
    /// <returns>False if the rollout has not succeeded; then nothing is written.</returns>
    Task<bool> MarkRevertedAsync(string rolloutId, RolloutEnd end, AuditRecord record, CancellationToken cancellationToken);

    /// <summary>The last restart of each workload that has one, by uid, if it succeeded.</summary>
    Task<IReadOnlyDictionary<string, LastRestart>> LastSucceededAsync(CancellationToken cancellationToken);

    /// <summary>The workloads whose last restart was recorded as not applied, by uid. Its patch may still arrive.</summary>
    Task<IReadOnlySet<string>> LastNotAppliedAsync(CancellationToken cancellationToken);

    /// <summary>Stores the intent. The patch must not be sent before this has returned.</summary>
    /// <returns>False if the workload already had an open intent, whose patch may still arrive. It keeps its start time and gets the new patch.</returns>
    Task<bool> BeginFinalizerRemovalAsync(FinalizerRemoval intent, CancellationToken cancellationToken);

    /// <summary>Intents for which it is unknown whether the patch was applied, oldest first.</summary>
    Task<IReadOnlyList<FinalizerRemoval>> OpenFinalizerRemovalsAsync(CancellationToken cancellationToken);

    /// <param name="record">Null if the patch was not applied.</param>
    /// <returns>False if there is no open intent; then nothing is written, so that a patch never has two audit records.</returns>
    Task<bool> EndFinalizerRemovalAsync(string uid, AuditRecord? record, CancellationToken cancellationToken);
}
