using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Auditing;

/// <summary>One audit record: what was done or decided differently than before, when, by whom and why. Never changed afterwards.</summary>
/// <param name="Message">One message.</param>
/// <param name="Patch">The patch body as sent, if the record is about a patch. Each applied patch has exactly one record.</param>
public sealed record AuditRecord(
    DateTimeOffset At,
    AuditAction Action,
    WorkloadKey Workload,
    string Uid,
    string Actor,
    string Message,
    string? Container = null,
    string? PlanId = null,
    string? RolloutId = null,
    string? Patch = null)
{
    /// <summary>Its number in the log, from 1, assigned by the store in commit order. 0 before it is stored.</summary>
    public long Id { get; init; }

    /// <summary>The new decision, if the record is about a decision on a container.</summary>
    public RecordedDecision? Decision { get; init; }

    /// <summary>Set if the record is about the end of a rollout.</summary>
    public RecordedEnd? End { get; init; }
}

/// <summary>The decision in fields, for metrics and filters.</summary>
public sealed record RecordedDecision(ContainerAction Action, DecisionReason Reason);

/// <param name="Took">From the intent to the end.</param>
public sealed record RecordedEnd(RolloutState State, TimeSpan Took);

/// <summary>What of the log needs a person.</summary>
public static class AuditActions
{
    /// <summary>A restart or a rollout did not end as it should.</summary>
    public static readonly IReadOnlyList<AuditAction> Failures =
        [AuditAction.RestartFailed, AuditAction.RolloutFailed, AuditAction.Quarantined, AuditAction.RolloutMismatch, AuditAction.RolloutReverted];
}

/// <summary>Stored by name.</summary>
public enum AuditAction
{
    /// <summary>A restart patch arrived.</summary>
    Restarted,

    /// <summary>A restart could not be carried out.</summary>
    RestartFailed,

    RolloutSucceeded,
    RolloutFailed,

    /// <summary>No longer tracked: superseded, or the workload was deleted.</summary>
    RolloutEnded,

    FinalizerRemoved,
    Adopted,

    /// <summary>The rollout of a digest failed: it is not rolled out again.</summary>
    Quarantined,

    QuarantineLifted,

    /// <summary>The decision about a container differs from the previous plan's.</summary>
    DecisionChanged,

    /// <summary>A rollout ended, and its pods run another digest.</summary>
    RolloutMismatch,

    /// <summary>A digest is no longer held after a mismatch or a reverted restart.</summary>
    HoldReleased,

    /// <summary>A restart was reverted, and the pods do not run its digest.</summary>
    RolloutReverted,

    /// <summary>Somebody asked to roll a held digest out again.</summary>
    RetryRequested,
}
