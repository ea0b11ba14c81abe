using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Auditing;

/// <summary>Where what was written to the books goes besides: one log line for each audit record, the metrics, and events on the workloads.</summary>
/// <param name="events">Null where none are wanted.</param>
internal sealed partial class AuditFeed(WorkloadEvents? events, Instruments instruments, ILogger<AuditFeed> logger)
{
    public void Tell(StoreNews news)
    {
        foreach (var record in news.Audit)
        {
            instruments.Audited(record.Action);
            var level = record.Action is AuditAction.RestartFailed or AuditAction.RolloutFailed or AuditAction.Quarantined ? LogLevel.Warning : LogLevel.Information;
            if (record.RolloutId is { } rolloutId)
                RecordedOfRollout(level, record.Workload, record.Action, record.Message, record.PlanId, rolloutId);
            else
                Recorded(level, record.Workload, record.Action, record.Message, record.PlanId);
            events?.Tell(record, news);
        }

        foreach (var rollout in news.Ended)
        {
            if (LabelValues.Ends.Contains(rollout.State))
                instruments.RolloutEnded(rollout.Workload.Kind, rollout.State, rollout.EndedAt!.Value - rollout.StartedAt);
        }

        foreach (var decision in news.Decisions)
            instruments.PlanChanged(decision.Action, decision.Reason);
    }

    [LoggerMessage(EventId = 400, Message = "{Workload}: {Action}: {Message} (plan {PlanId})")]
    private partial void Recorded(LogLevel level, WorkloadKey workload, AuditAction action, string message, string? planId);

    [LoggerMessage(EventId = 401, Message = "{Workload}: {Action}: {Message} (plan {PlanId}, rollout {RolloutId})")]
    private partial void RecordedOfRollout(LogLevel level, WorkloadKey workload, AuditAction action, string message, string? planId, string rolloutId);
}
