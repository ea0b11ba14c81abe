using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Auditing;

/// <summary>One line of the audit: what was done, or decided otherwise than before, when, by whom and why. Never changed afterwards.</summary>
/// <param name="Message">One sentence for people.</param>
/// <param name="Patch">The body as sent, where the record stands for a patch. Each patch that arrived has exactly one record.</param>
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
    /// <summary>Its number in the log, from 1, given by the store: what is committed later has a higher one. 0 before.</summary>
    public long Id { get; init; }

    /// <summary>What is decided now, where the record tells of a decision about a container.</summary>
    public RecordedDecision? Decision { get; init; }

    /// <summary>Where the record tells of the end of a rollout.</summary>
    public RecordedEnd? End { get; init; }
}

/// <summary>The message in fields, for who counts or chooses by it.</summary>
public sealed record RecordedDecision(ContainerAction Action, DecisionReason Reason);

/// <param name="Took">From the intent to the end.</param>
public sealed record RecordedEnd(RolloutState State, TimeSpan Took);

/// <summary>Stored by name.</summary>
public enum AuditAction
{
    /// <summary>A restart patch arrived.</summary>
    Restarted,

    /// <summary>A restart could not be carried out.</summary>
    RestartFailed,

    RolloutSucceeded,
    RolloutFailed,

    /// <summary>Followed no further: superseded, workload deleted.</summary>
    RolloutEnded,

    FinalizerRemoved,
    Adopted,

    /// <summary>The rollout of a digest failed: it is not rolled out again.</summary>
    Quarantined,

    QuarantineLifted,

    /// <summary>The decision about a container is another than in the plan before.</summary>
    DecisionChanged,
}
