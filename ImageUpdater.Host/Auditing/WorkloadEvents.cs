using System.Threading.Channels;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Auditing;

/// <summary>
/// What <c>kubectl describe</c> of a workload shows of us. Sent beside the work, which never waits for it; losing one is no error.
/// </summary>
internal sealed partial class WorkloadEvents : IAsyncDisposable
{
    private const int MaxWaiting = 256;

    // What waits when the process ends still gets this long.
    private static readonly TimeSpan FlushWithin = TimeSpan.FromSeconds(2);

    private readonly Func<WorkloadEvent, CancellationToken, Task<KubernetesFailure?>> send;
    private readonly Instruments instruments;
    private readonly ILogger<WorkloadEvents> logger;
    private readonly SimilarEvents similar;
    private readonly EventSpamFilter filter;
    private readonly Channel<WorkloadEvent> waiting = Channel.CreateBounded<WorkloadEvent>(MaxWaiting);
    private readonly CancellationTokenSource ending;
    private readonly Task sending;
    private bool warned;
    private (Type Type, string Message)? lastBug;

    /// <param name="send">Gives null for one that arrived.</param>
    public WorkloadEvents(
        Func<WorkloadEvent, CancellationToken, Task<KubernetesFailure?>> send, Instruments instruments, TimeProvider time, ILogger<WorkloadEvents> logger)
    {
        this.send = send;
        this.instruments = instruments;
        this.logger = logger;
        similar = new SimilarEvents(time);
        filter = new EventSpamFilter(time);
        ending = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        sending = SendAsync();
    }

    public void Tell(AuditRecord record, StoreNews news)
    {
        if (Of(record, news) is not { } told)
            return;
        if (similar.Take(told) is not { } fresh || !filter.Allows(record.Uid) || !waiting.Writer.TryWrite(fresh))
            instruments.EventEnded("dropped");
    }

    public async ValueTask DisposeAsync()
    {
        if (!waiting.Writer.TryComplete())
            return;
        ending.CancelAfter(FlushWithin);
        await sending;
        ending.Dispose();
    }

    /// <summary>Null for what is no event: an adoption, a success, a wait that is over.</summary>
    private static WorkloadEvent? Of(AuditRecord record, StoreNews news)
    {
        return record.Action switch
        {
            AuditAction.Restarted => Event(WorkloadEventType.Normal, "Restarted", "Restart"),
            AuditAction.RestartFailed => Event(WorkloadEventType.Warning, "RestartFailed", "Restart"),
            AuditAction.RolloutFailed => Event(WorkloadEventType.Warning, "RolloutFailed", "Rollout"),
            AuditAction.Quarantined => Event(WorkloadEventType.Warning, "Quarantined", "Rollout"),
            AuditAction.DecisionChanged when IsHeld(record, news) => Event(WorkloadEventType.Normal, "Held", "Hold"),
            _ => null,
        };

        WorkloadEvent Event(WorkloadEventType type, string reason, string action) =>
            new(record.Workload, record.Uid, type, reason, action, record.Message, record.At);
    }

    private static bool IsHeld(AuditRecord record, StoreNews news) => record.Container is { } container
        && news.Decisions.Any(decision => decision.Action == ContainerAction.Hold && decision.Id == new ContainerId(record.Uid, container));

    private async Task SendAsync()
    {
        await foreach (var told in waiting.Reader.ReadAllAsync())
        {
            try
            {
                var failure = await send(told, ending.Token);
                instruments.EventEnded(failure is null ? "sent" : "failed");
                if (failure is not null)
                    LogFailure(told, failure.Sentence);
            }
            catch (OperationCanceledException)
            {
                instruments.EventEnded("dropped");
            }
            catch (Exception exception)
            {
                // A bug, and perhaps one about this event alone: those behind it are sent all the same.
                instruments.EventEnded("failed");
                instruments.BackgroundFailed(BackgroundLoop.Events);
                LogBug(told, exception);
            }
        }
    }

    // The first time somebody should hear of it: a permission may be missing. Then it would only be noise.
    private void LogFailure(WorkloadEvent told, string sentence)
    {
        var level = warned ? LogLevel.Debug : LogLevel.Warning;
        warned = true;
        NotSent(level, told.Workload, told.Reason, sentence);
    }

    private void LogBug(WorkloadEvent told, Exception exception)
    {
        var bug = (exception.GetType(), exception.Message);
        FailedUnexpectedly(bug == lastBug ? LogLevel.Debug : LogLevel.Error, told.Workload, told.Reason, exception);
        lastBug = bug;
    }

    [LoggerMessage(EventId = 410, Message = "{Workload}: the event {Reason} could not be sent: {Sentence}; ImageUpdater__Events=false turns events off")]
    private partial void NotSent(LogLevel level, WorkloadKey workload, string reason, string sentence);

    [LoggerMessage(EventId = 411, Message = "{Workload}: the event {Reason} could not be sent: unexpected failure")]
    private partial void FailedUnexpectedly(LogLevel level, WorkloadKey workload, string reason, Exception exception);
}
