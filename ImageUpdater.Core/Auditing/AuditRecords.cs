using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Auditing;

/// <summary>Audit records of actions, with their wording in one place. For decisions see <see cref="DecisionJournal"/>.</summary>
public static class AuditRecords
{
    private const string Found = "; the response was lost, but the workload shows that the patch was applied";

    public static AuditRecord Restarted(Rollout rollout, DateTimeOffset at, bool recovered)
    {
        var changes = string.Join("; ", rollout.Changes.Select(change =>
            $"{change.Container} ({change.Image}) {change.From?.Abbreviated ?? "none"} -> {change.To.Abbreviated}"));
        var policies = rollout.PullPolicies.Count == 0
            ? ""
            : $"; imagePullPolicy Always for {string.Join(", ", rollout.PullPolicies.Select(policy => $"{policy.Container} (was {policy.Before ?? "unset"})"))}";
        var back = rollout.Changes.Any(change => change.Reason == DecisionReason.PinPrevious) ? "pinned to previous: " : "";
        return Of(rollout, at, AuditAction.Restarted, $"{back}{changes}{policies}{(recovered ? Found : "")}") with { Patch = rollout.Patch };
    }

    public static AuditRecord RestartFailed(Rollout rollout, DateTimeOffset at, string reason) =>
        Of(rollout, at, AuditAction.RestartFailed, reason);

    /// <param name="end">As tracking observed it.</param>
    public static AuditRecord Ended(Rollout rollout, RolloutEnd end) => Of(
        rollout,
        end.At,
        end.State switch
        {
            RolloutState.Succeeded => AuditAction.RolloutSucceeded,
            RolloutState.Failed or RolloutState.TimedOut => AuditAction.RolloutFailed,
            RolloutState.Mismatch => AuditAction.RolloutMismatch,
            RolloutState.Reverted => AuditAction.RolloutReverted,
            _ => AuditAction.RolloutEnded,
        },
        end.VerificationMessage is null ? end.Outcome : $"{end.Outcome}; {end.VerificationMessage}") with
    { End = new(end.State, end.At - rollout.StartedAt) };

    /// <param name="rollout">As it ended.</param>
    /// <param name="actor">Who made the restart that superseded it.</param>
    public static AuditRecord Superseded(Rollout rollout, string actor)
    {
        var at = rollout.EndedAt!.Value;
        return Of(rollout, at, AuditAction.RolloutEnded, $"the rollout is no longer tracked: {rollout.Outcome}") with
        {
            Actor = actor,
            End = new(rollout.State, at - rollout.StartedAt),
        };
    }

    public static AuditRecord Quarantined(QuarantinedDigest quarantined, string actor, string? planId) => new(
        quarantined.Since, AuditAction.Quarantined, quarantined.Workload, quarantined.Id.WorkloadUid, actor,
        $"{Subject(quarantined)} is quarantined and not rolled out again: {quarantined.Why}", quarantined.Id.Container, planId, quarantined.RolloutId);

    public static AuditRecord QuarantineLifted(QuarantinedDigest quarantined, DateTimeOffset at, string actor, string reason) => new(
        at, quarantined.IsFailure ? AuditAction.QuarantineLifted : AuditAction.HoldReleased, quarantined.Workload, quarantined.Id.WorkloadUid, actor,
        $"{Subject(quarantined)} is no longer {(quarantined.IsFailure ? "quarantined" : "held")}: {reason}", quarantined.Id.Container, PlanId: null, quarantined.RolloutId);

    public static AuditRecord RetryRequested(QuarantinedDigest held, DateTimeOffset at, string actor) => new(
        at, AuditAction.RetryRequested, held.Workload, held.Id.WorkloadUid, actor,
        $"{Subject(held)} will be rolled out again: a retry was requested", held.Id.Container, PlanId: null, held.RolloutId);

    public static AuditRecord Forgotten(WorkloadKey workload, string uid, DateTimeOffset at, string actor) =>
        new(at, AuditAction.DecisionChanged, workload, uid, actor, "baselines and decisions deleted");

    public static AuditRecord FinalizerRemoved(FinalizerRemoval removal, DateTimeOffset at, bool recovered) => new(
        at, AuditAction.FinalizerRemoved, removal.Workload, removal.Uid, removal.Actor,
        $"removed {Annotations.LegacyFinalizer}, left by the former operator; it would block deletion{(recovered ? Found : "")}",
        Container: null, removal.PlanId, RolloutId: null, removal.Patch);

    private static AuditRecord Of(Rollout rollout, DateTimeOffset at, AuditAction action, string message) => new(
        at, action, rollout.Workload, rollout.Uid, rollout.Actor, message, Container: null, rollout.PlanId, rollout.Id);

    private static string Subject(QuarantinedDigest quarantined) =>
        $"{quarantined.Id.Container}: {quarantined.Digest.Abbreviated} of {quarantined.Image}";
}
