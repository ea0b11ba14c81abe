using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;

namespace ImageUpdater.Host.Auditing;

/// <summary>
/// What <c>kubectl describe</c> of a workload shows of us. While the API can't be reached an event waits, and those behind it, until it is too
/// old to be news. What the API answers is final: losing an event is no error.
/// </summary>
/// <param name="send">Gives null for one that arrived.</param>
internal sealed partial class WorkloadEvents(
    Func<WorkloadEvent, CancellationToken, Task<KubernetesFailure?>> send, Instruments instruments, TimeProvider time, ILogger<WorkloadEvents> logger) : IAuditReader
{
    /// <summary>As long as Kubernetes keeps an event by default: one that it would have dropped by now helps nobody.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromHours(1);

    private readonly SimilarEvents similar = new(time);
    private readonly EventSpamFilter filter = new(time);
    private (long Record, WorkloadEvent? Event) chosen;
    private bool warned;
    private bool waits;

    public BackgroundLoop Loop => BackgroundLoop.Events;

    public string? Cursor => "events";

    public async Task<bool> TellAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        if (Of(record) is not { } told)
            return true;
        if (time.GetUtcNow() - record.At > Oldest)
            return Ended("too-old");

        // Once for each record, however often it comes: the filters count.
        if (chosen.Record != record.Id)
            chosen = (record.Id, similar.Take(told) is { } fresh && filter.Allows(record.Uid) ? fresh : null);
        if (chosen.Event is null)
            return Ended("dropped");

        var failure = await send(chosen.Event, cancellationToken);
        if (failure is { Kind: KubernetesFailureKind.Unreachable or KubernetesFailureKind.TimedOut })
        {
            Waits(waits ? LogLevel.Debug : LogLevel.Warning, told.Workload, told.Reason, failure.Message);
            waits = true;
            return false;
        }

        waits = false;
        if (failure is null)
            return Ended("sent");

        // The first time somebody should hear of it: a permission may be missing. Then it would only be noise.
        NotSent(warned ? LogLevel.Debug : LogLevel.Warning, told.Workload, told.Reason, failure.Message);
        warned = true;
        return Ended("failed");
    }

    private bool Ended(string result)
    {
        instruments.EventEnded(result);
        return true;
    }

    /// <summary>Null for what is no event: an adoption, a success, a wait that is over.</summary>
    private static WorkloadEvent? Of(AuditRecord record)
    {
        return record.Action switch
        {
            AuditAction.Restarted => Event(WorkloadEventType.Normal, "Restarted", "Restart"),
            AuditAction.RestartFailed => Event(WorkloadEventType.Warning, "RestartFailed", "Restart"),
            AuditAction.RolloutFailed => Event(WorkloadEventType.Warning, "RolloutFailed", "Rollout"),
            AuditAction.Quarantined => Event(WorkloadEventType.Warning, "Quarantined", "Rollout"),
            AuditAction.DecisionChanged when record.Decision?.Action == ContainerAction.Hold => Event(WorkloadEventType.Normal, "Held", "Hold"),
            _ => null,
        };

        WorkloadEvent Event(WorkloadEventType type, string reason, string action) =>
            new(record.Workload, record.Uid, type, reason, action, record.Message, record.At);
    }

    [LoggerMessage(EventId = 410, Message = "{Workload}: the event {Reason} could not be sent: {Message}; ImageUpdater__Events=false turns events off")]
    private partial void NotSent(LogLevel level, WorkloadKey workload, string reason, string message);

    [LoggerMessage(EventId = 411, Message = "{Workload}: the event {Reason} could not be sent, and is tried again for an hour: {Message}")]
    private partial void Waits(LogLevel level, WorkloadKey workload, string reason, string message);
}
