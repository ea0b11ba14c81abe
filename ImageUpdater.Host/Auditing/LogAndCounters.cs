using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Auditing;

/// <summary>Logs each audit record, and counts records and ended rollouts. Starts at the end of the log: earlier records were logged when written.</summary>
internal sealed partial class LogAndCounters(Instruments instruments, RunTally tally, IApplyingState store, ILogger<LogAndCounters> logger) : IAuditReader
{
    // Of a plan and for one reason: a registry that fails may skip thousands of containers, and a line each says no more than the first ones.
    private const int MostDecisions = 20;

    // A restart is the newest rollout of its workload, unless another one followed before this reader came to it.
    private const int NewestRollouts = 5;

    private readonly Dictionary<DecisionReason, int> decisions = [];
    private string? planOfDecisions;

    public BackgroundLoop Loop => BackgroundLoop.AuditLog;

    public string? Cursor => null;

    public async Task<bool> ProcessAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        if (record.Decision is { } decision)
            LogDecision(record, decision);
        else
            LogAction(record, record.Action == AuditAction.Restarted ? await ChangesAsync(record, cancellationToken) : []);

        tally.Recorded(record.Action);
        instruments.Audited(record.Action);
        if (record.End is { } end)
            instruments.RolloutEnded(record.Workload.Kind, end.State, end.Took);
        return true;
    }

    private void LogAction(AuditRecord record, IReadOnlyList<DigestChange> changes)
    {
        var level = record.Action switch
        {
            AuditAction.RestartFailed or AuditAction.RolloutFailed or AuditAction.Quarantined or AuditAction.RolloutMismatch or AuditAction.RolloutReverted => LogLevel.Warning,
            // CycleLog logs those of a plan in one line.
            AuditAction.Adopted => LogLevel.Debug,
            _ => LogLevel.Information,
        };
        var (container, image, from, to) = (Of(changes, change => change.Container), Of(changes, change => change.Image), Of(changes, change => change.From?.Value), Of(changes, change => change.To.Value));
        var reason = Of(changes, change => change.Reason.ToString());
        var took = record.End?.Took.TotalSeconds;
        if (record.RolloutId is { } rollout)
            RecordedOfRollout(level, record.Workload, record.Action, record.Message, record.PlanId, rollout, container ?? record.Container, image, from, to, reason, record.End?.State, took);
        else
            Recorded(level, record.Workload, record.Action, record.Message, record.PlanId, record.Container);
    }

    private void LogDecision(AuditRecord record, RecordedDecision decision)
    {
        if (planOfDecisions != record.PlanId)
            decisions.Clear();
        planOfDecisions = record.PlanId;
        var count = decisions[decision.Reason] = decisions.GetValueOrDefault(decision.Reason) + 1;
        var level = count > MostDecisions ? LogLevel.Debug : IsProblem(decision) ? LogLevel.Warning : LogLevel.Information;
        Decided(level, record.Workload, record.Message, record.PlanId, record.Action, record.Container, decision.Action, decision.Reason);
        if (count == MostDecisions + 1)
            MoreDecisions(decision.Reason, record.PlanId);
    }

    // What somebody has to look into. The end of a rollout that is held afterwards is a warning itself.
    private static bool IsProblem(RecordedDecision decision) =>
        decision.Reason is DecisionReason.InvalidAnnotation or DecisionReason.InvalidImage or DecisionReason.RegistryFailed or DecisionReason.PlatformMissing;

    private async Task<IReadOnlyList<DigestChange>> ChangesAsync(AuditRecord record, CancellationToken cancellationToken) =>
        logger.IsEnabled(LogLevel.Information)
            ? (await store.RolloutsOfAsync(record.Uid, NewestRollouts, cancellationToken)).FirstOrDefault(rollout => rollout.Id == record.RolloutId)?.Changes ?? []
            : [];

    // In the order of the containers. Fields are single values, which Loki can take as labels.
    private static string? Of(IReadOnlyList<DigestChange> changes, Func<DigestChange, string?> part) =>
        changes.Count == 0 ? null : string.Join(',', changes.Select(change => part(change) ?? "none"));

    [LoggerMessage(EventId = 400, Message = "{Workload}: {Action}: {Detail}")]
    private partial void Recorded(LogLevel level, WorkloadKey workload, AuditAction action, string detail, string? plan, string? container);

    [LoggerMessage(EventId = 401, Message = "{Workload}: {Action}: {Detail} (plan {Plan}, rollout {Rollout})")]
    private partial void RecordedOfRollout(
        LogLevel level, WorkloadKey workload, AuditAction action, string detail, string? plan, string rollout, string? container, string? image, string? from, string? to,
        string? reason, RolloutState? state, double? took);

    [LoggerMessage(EventId = 402, Message = "{Workload}: {Detail} (plan {Plan})")]
    private partial void Decided(
        LogLevel level, WorkloadKey workload, string detail, string? plan, AuditAction action, string? container, ContainerAction decision, DecisionReason reason);

    [LoggerMessage(403, LogLevel.Information, "More containers for the same reason ({Reason}, plan {Plan}); image-updater history lists them")]
    private partial void MoreDecisions(DecisionReason reason, string? plan);
}
