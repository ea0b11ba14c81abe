using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>
/// Append-only and self-contained: repeats the workload's key and has no foreign keys, so that the record is complete even after everything it
/// refers to was deleted. Triggers enforce that records are not changed (<see cref="Sqlite.Sql.ProtectAudit"/>).
/// </summary>
internal sealed class AuditRow
{
    private static long made;

    /// <summary>The record's number, assigned by <see cref="Database.AuditNumbers"/>. Before that, a negative number in the order of creation.</summary>
    public long Id { get; set; }

    public required DateTimeOffset At { get; set; }

    public required AuditAction Action { get; set; }

    public required string Namespace { get; set; }

    public required WorkloadKind Kind { get; set; }

    public required string Name { get; set; }

    public required string WorkloadUid { get; set; }

    public required string Actor { get; set; }

    public required string Message { get; set; }

    public string? Container { get; set; }

    public string? PlanId { get; set; }

    public string? RolloutId { get; set; }

    public string? Patch { get; set; }

    public ContainerAction? DecisionAction { get; set; }

    public DecisionReason? DecisionReason { get; set; }

    public RolloutState? EndState { get; set; }

    public TimeSpan? EndTook { get; set; }

    public static AuditRow Of(AuditRecord record) => new()
    {
        Id = long.MinValue + Interlocked.Increment(ref made),
        At = record.At,
        Action = record.Action,
        Namespace = record.Workload.Namespace,
        Kind = record.Workload.Kind,
        Name = record.Workload.Name,
        WorkloadUid = record.Uid,
        Actor = record.Actor,
        Message = record.Message,
        Container = record.Container,
        PlanId = record.PlanId,
        RolloutId = record.RolloutId,
        Patch = record.Patch,
        DecisionAction = record.Decision?.Action,
        DecisionReason = record.Decision?.Reason,
        EndState = record.End?.State,
        EndTook = record.End?.Took,
    };

    public AuditRecord ToRecord() =>
        new(At, Action, new WorkloadKey(Namespace, Kind, Name), WorkloadUid, Actor, Message, Container, PlanId, RolloutId, Patch)
        {
            Id = Id,
            Decision = DecisionAction is { } action && DecisionReason is { } reason ? new(action, reason) : null,
            End = EndState is { } state && EndTook is { } took ? new(state, took) : null,
        };
}
