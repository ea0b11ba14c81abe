using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.Host.Auditing;

/// <summary>Logs each audit record, and counts records and ended rollouts. Starts at the end of the log: earlier records were logged when written.</summary>
internal sealed partial class LogAndCounters(Instruments instruments, ILogger<LogAndCounters> logger) : IAuditReader
{
    public BackgroundLoop Loop => BackgroundLoop.AuditLog;

    public string? Cursor => null;

    public Task<bool> ProcessAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var level = record.Action is AuditAction.RestartFailed or AuditAction.RolloutFailed or AuditAction.Quarantined or AuditAction.RolloutMismatch or AuditAction.RolloutReverted
            ? LogLevel.Warning : LogLevel.Information;
        if (record.RolloutId is { } rolloutId)
            RecordedOfRollout(level, record.Workload, record.Action, record.Message, record.PlanId, rolloutId);
        else
            Recorded(level, record.Workload, record.Action, record.Message, record.PlanId);

        instruments.Audited(record.Action);
        if (record.End is { } end)
            instruments.RolloutEnded(record.Workload.Kind, end.State, end.Took);
        return Task.FromResult(true);
    }

    [LoggerMessage(EventId = 400, Message = "{Workload}: {Action}: {Message} (plan {PlanId})")]
    private partial void Recorded(LogLevel level, WorkloadKey workload, AuditAction action, string message, string? planId);

    [LoggerMessage(EventId = 401, Message = "{Workload}: {Action}: {Message} (plan {PlanId}, rollout {RolloutId})")]
    private partial void RecordedOfRollout(LogLevel level, WorkloadKey workload, AuditAction action, string message, string? planId, string rolloutId);
}
