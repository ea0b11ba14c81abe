using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;

namespace ImageUpdater.Core.State;

/// <summary>How the state of a rollout changes, and what else changes with it.</summary>
/// <remarks>
/// | from                 | event                   | to          | with it                                                                 |
/// |----------------------|-------------------------|-------------|-------------------------------------------------------------------------|
/// | Intended, NotApplied | the patch was applied   | Running     | running rollouts of the workload are superseded, older holds released   |
/// | Intended             | the patch was not       | NotApplied  |                                                                         |
/// | Running              | it ended                | its end     | what failed, or does not run, is held                                   |
/// | Succeeded            | somebody reverted it    | Reverted    | what does not run is held                                               |
///
/// In any other state the event was recorded before: the result is null and nothing is saved, so that a patch never has two audit records.
/// </remarks>
public static class RolloutChanges
{
    /// <param name="record">Of the patch.</param>
    /// <param name="running">The running rollouts of the workload.</param>
    /// <param name="held">The held digests of the workload.</param>
    public static StateChange? Patched(
        Rollout rollout, string resourceVersionAfter, AuditRecord record, IReadOnlyList<Rollout> running, IReadOnlyList<QuarantinedDigest> held, DateTimeOffset at)
    {
        if (rollout.State is not (RolloutState.Intended or RolloutState.NotApplied))
            return null;

        var superseded = running.Where(other => other.Id != rollout.Id).Select(other => With(other, RolloutEnd.Superseded(at))).ToList();
        // A patch that was recorded as not applied may have arrived later.
        var now = rollout with { State = RolloutState.Running, ResourceVersionAfter = resourceVersionAfter, EndedAt = null, Outcome = null };
        return new StateChange
        {
            Rollouts = [.. superseded, now],
            Released = [.. held.Where(entry => IsReplaced(entry, rollout))],
            Audit = [.. superseded.Select(other => AuditRecords.Superseded(other, record.Actor)), record],
        };
    }

    /// <param name="record">Null if there is nothing to tell about it.</param>
    public static StateChange? NotApplied(Rollout rollout, string reason, AuditRecord? record, DateTimeOffset at) =>
        End(rollout, RolloutState.Intended, new RolloutEnd(RolloutState.NotApplied, at, reason), record);

    public static StateChange? Finished(Rollout rollout, RolloutEnd end, AuditRecord record) =>
        end.State is RolloutState.Intended or RolloutState.Running or RolloutState.NotApplied
            ? throw new ArgumentOutOfRangeException(nameof(end), end.State, "Not an end state of a running rollout.")
            : End(rollout, RolloutState.Running, end, record);

    public static StateChange? Reverted(Rollout rollout, RolloutEnd end, AuditRecord record) => End(rollout, RolloutState.Succeeded, end, record);

    /// <summary>Null if the rollout is not running: its pace says nothing any more.</summary>
    public static StateChange? Paced(Rollout rollout, RolloutPace pace) =>
        rollout.State == RolloutState.Running ? new StateChange { Rollouts = [rollout with { Pace = pace }] } : null;

    private static StateChange? End(Rollout rollout, RolloutState from, RolloutEnd end, AuditRecord? record)
    {
        if (rollout.State != from)
            return null;

        var ended = With(rollout, end);
        var held = Quarantine.After(ended, end.Containers);
        return new StateChange
        {
            Rollouts = [ended],
            Held = held,
            Audit =
            [
                .. record is null ? (IEnumerable<AuditRecord>)[] : [record],
                .. held.Where(entry => entry.IsFailure).Select(entry => AuditRecords.Quarantined(entry, rollout.Actor, rollout.PlanId)),
            ],
        };
    }

    private static Rollout With(Rollout rollout, RolloutEnd end) => rollout with
    {
        State = end.State,
        EndedAt = end.At,
        Outcome = end.Outcome,
        Verification = end.Verification,
        VerificationMessage = end.VerificationMessage,
    };

    // A new restart of a container ends its hold as mismatch or reverted, and a requested retry of the same digest.
    private static bool IsReplaced(QuarantinedDigest entry, Rollout patched) =>
        (!entry.IsFailure || entry.RetryBy is not null)
        && patched.Changes.Any(change => change.Container == entry.Id.Container && (!entry.IsFailure || change.To == entry.Digest));
}
