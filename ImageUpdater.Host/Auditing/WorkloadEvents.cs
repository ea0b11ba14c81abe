using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;

namespace ImageUpdater.Host.Auditing;

/// <summary>
/// Creates Kubernetes Events, as <c>kubectl describe</c> shows them. While the API is unreachable, events wait until they are too old. If the
/// server is overloaded or fails, an event is sent once more. Other errors are final: losing an event is not a failure.
/// </summary>
/// <param name="send">Returns null on success.</param>
internal sealed partial class WorkloadEvents(
    Func<WorkloadEvent, CancellationToken, Task<KubernetesFailure?>> send, Instruments instruments, TimeProvider time, ILogger<WorkloadEvents> logger) : IAuditReader
{
    /// <summary>Kubernetes' default lifetime of an event (kube-apiserver <c>--event-ttl</c>).</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromHours(1);

    private readonly SimilarEvents similar = new(time);
    private readonly EventSpamFilter filter = new(time);
    private (long Record, WorkloadEvent? Event) chosen;
    private long? sentOnceMore;
    private bool warned;
    private bool waits;

    public BackgroundLoop Loop => BackgroundLoop.Events;

    public string? Cursor => "events";

    public bool IsOn { get; init; } = true;

    public async Task<bool> ProcessAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        if (Of(record) is not { } wanted)
            return true;
        if (time.GetUtcNow() - record.At > Oldest)
            return Ended("too-old");

        // Once per record, even if it is delivered again: the filters count their calls.
        if (chosen.Record != record.Id)
            chosen = (record.Id, similar.Take(wanted) is { } fresh && filter.Allows(record.Uid) ? fresh : null);
        if (chosen.Event is null)
            return Ended("dropped");

        var failure = await send(chosen.Event, cancellationToken);
        // Without credentials, for example because the kubeconfig's exec plugin fails, no request may have been sent at all.
        if (failure is { Kind: KubernetesFailureKind.Unreachable or KubernetesFailureKind.TimedOut or KubernetesFailureKind.Unauthorized })
        {
            Waits(waits ? LogLevel.Debug : LogLevel.Warning, wanted.Workload, wanted.Reason, failure.Message);
            waits = true;
            return false;
        }

        waits = false;
        if (failure is null)
            return Ended("sent");

        // A 429 or 5xx, which ApiCalls has already retried if it had a Retry-After.
        if (failure is { Kind: KubernetesFailureKind.RateLimited or KubernetesFailureKind.ServerError } && sentOnceMore != record.Id)
        {
            sentOnceMore = record.Id;
            return false;
        }

        // Warns once, since a permission may be missing; then logs at debug level.
        NotSent(warned ? LogLevel.Debug : LogLevel.Warning, wanted.Workload, wanted.Reason, failure.Message);
        warned = true;
        return Ended("failed");
    }

    private bool Ended(string result)
    {
        instruments.EventEnded(result);
        return true;
    }

    /// <summary>Null for records without an event, such as an adoption, a success or a released hold.</summary>
    private static WorkloadEvent? Of(AuditRecord record)
    {
        return record.Action switch
        {
            AuditAction.Restarted => Event(WorkloadEventType.Normal, "Restarted", "Restart"),
            AuditAction.RestartFailed => Event(WorkloadEventType.Warning, "RestartFailed", "Restart"),
            AuditAction.RolloutFailed => Event(WorkloadEventType.Warning, "RolloutFailed", "Rollout"),
            AuditAction.Quarantined => Event(WorkloadEventType.Warning, "Quarantined", "Rollout"),
            AuditAction.RolloutMismatch => Event(WorkloadEventType.Warning, "RolloutMismatch", "Rollout"),
            AuditAction.RolloutReverted => Event(WorkloadEventType.Warning, "RolloutReverted", "Rollout"),
            AuditAction.DecisionChanged when record.Decision?.Reason == DecisionReason.Flapping => Event(WorkloadEventType.Warning, "Flapping", "Hold"),
            AuditAction.DecisionChanged when record.Decision is { Action: ContainerAction.Hold, Reason: not DecisionReason.RolloutLimit } => Event(WorkloadEventType.Normal, "Held", "Hold"),
            _ => null,
        };

        WorkloadEvent Event(WorkloadEventType type, string reason, string action) =>
            new(record.Workload, record.Uid, type, reason, action, record.Message, record.At);
    }

    [LoggerMessage(EventId = 410, Message = "{Workload}: cannot create event {Reason}: {Detail}; set ImageUpdater__Events=false to turn events off")]
    private partial void NotSent(LogLevel level, WorkloadKey workload, string reason, string detail);

    [LoggerMessage(EventId = 411, Message = "{Workload}: cannot create event {Reason}; retrying for up to an hour: {Detail}")]
    private partial void Waits(LogLevel level, WorkloadKey workload, string reason, string detail);
}
