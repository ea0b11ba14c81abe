using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Applying;

/// <summary>
/// Whether the patch of a stored intent arrived, when nobody saw its answer: the process died, or the connection did.
/// The workload itself is the witness.
/// </summary>
/// <remarks>
/// | last-digest now            | restartedAt now | arrived                                                     |
/// |----------------------------|-----------------|-------------------------------------------------------------|
/// | not what the patch wrote   | any             | no: a kubectl restart in the same second is not ours        |
/// | what the patch wrote       | the patch's     | yes                                                         |
/// | what the patch wrote       | another         | yes if the annotation was another before: somebody restarted again since |
///
/// Another uid is another workload under the same name, restored from a backup perhaps: the patch never arrived at it.
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
