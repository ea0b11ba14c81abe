using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Applying;

/// <summary>
/// Whether the patch of a stored intent was applied when its response was lost, because the process or the connection ended.
/// The workload's annotations show it.
/// </summary>
/// <remarks>
/// | last-digest now            | restartedAt now | arrived                                                     |
/// |----------------------------|-----------------|-------------------------------------------------------------|
/// | not what the patch wrote   | any             | no: a kubectl restart in the same second is not ours        |
/// | what the patch wrote       | the patch's     | yes                                                         |
/// | what the patch wrote       | another         | yes if the annotation differed before: someone restarted again since |
///
/// A different uid is a different workload with the same name, for example restored from a backup: the patch was not applied to it.
/// </remarks>
public static class IntentRecovery
{
    public static bool PatchArrived(Rollout intent, WorkloadSnapshot now)
    {
        var written = now.Annotations.GetValueOrDefault(Annotations.LastDigest);
        return now.Uid == intent.Uid
            && written == intent.LastDigest
            && (now.RestartedAt == intent.RestartedAt || intent.PreviousLastDigest != intent.LastDigest);
    }
}
