using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Persistence;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Observe, plan, apply, never twice at once: whenever an image is due, and once in every check interval for what is new in the cluster.
/// At other times it is not worth a request.
/// </summary>
[DisallowConcurrentExecution]
internal sealed partial class ReconcileJob(
    Engine engine, ControllerState state, ImageUpdaterOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ReconcileJob> logger) : IJob
{
    public const string Actor = "controller";

    public static readonly JobKey Key = new("reconcile");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var begun = time.GetUtcNow();
        if (!state.TakeWanted() && state.NextCycle > begun + (CheckIntervals.TickOf(options) / 2))
            return;

        var stopping = lifetime.ApplicationStopping;
        var started = time.GetTimestamp();
        try
        {
            // At the start everything, whatever was planned: it may be why somebody restarted it, and with other options.
            var request = new PlanRequest(Actor) { Refresh = state.LastCycle is null ? Refresh.All : Refresh.Due, Observed = state.Observed };
            var made = await engine.Pipeline.ReconcileAsync(request, stopping);
            if (!made.IsSuccess(out var plan, out var failure))
            {
                if (Failed("Kubernetes", failure.Sentence))
                    Unreadable(failure.Sentence);
                return;
            }

            var isRecovery = state.Problem is not null;
            state.CycleDone(time.GetUtcNow(), NextCycle(plan, begun, begun + options.Checking.CheckInterval), CycleSummary.Of(plan.Plan, [.. plan.Input.Checks.Values], state.Newest));
            state.RolloutsAwaited = plan.Plan.Waiting.Any();
            Instruments.CycleEnded(isSuccess: true, time.GetElapsedTime(started));
            foreach (var warning in state.TakeNew(plan.Plan.Warnings))
                PlanWarning(warning, plan.Id);
            // Where images are many a cycle comes every few seconds: a line for each would bury those that say something.
            var counts = plan.Plan.Counts;
            Done(plan.IsStored || isRecovery ? LogLevel.Information : LogLevel.Debug, plan.IsStored ? plan.Id : "without news", counts.Restart, counts.Adopted, counts.Held, counts.Skipped, counts.Unchanged);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was begun is finished or settled at the next start.
        }
        catch (StateStoreException exception)
        {
            // Nothing without an audit record: the cycle ends here, and the next one tries again.
            if (Failed("state store", exception.Message))
                StoreFailed(exception.Message);
        }
        catch (Exception exception)
        {
            // A bug. It must not end in silence: readiness and the metrics tell of it, and the next cycle tries again.
            Failed("the newest cycle", $"unexpected failure ({exception.GetType().Name}); the log says where");
            Crashed(exception);
        }

        IdleMemory.GiveBack();

        // Whether it is another failure than that of the cycle before: it tries again with every tick, and an outage may take hours.
        bool Failed(string part, string sentence)
        {
            var before = state.Problem;
            state.CycleFailed(part, sentence);
            Instruments.CycleEnded(isSuccess: false, time.GetElapsedTime(started));
            return state.Problem != before;
        }
    }

    // What waits for its turn is looked at again as soon as may be; and a hold that ends is news, as an image that is due.
    private static DateTimeOffset NextCycle(MadePlan made, DateTimeOffset begun, DateTimeOffset latest)
    {
        if (made.Plan.Waiting.Any())
            return begun;

        var images = made.Input.Images.Select(image => image.NextCheck ?? begun);
        var holds = made.Plan.Workloads.SelectMany(workload => workload.Containers).Select(container => container.HeldUntil).OfType<DateTimeOffset>();
        return images.Concat(holds).Append(latest).Min();
    }

    [LoggerMessage(EventId = 100, Message = "Plan {PlanId}: {Restart} to restart, {Adopted} adopted, {Held} held, {Skipped} skipped, {Unchanged} unchanged")]
    private partial void Done(LogLevel level, string planId, int restart, int adopted, int held, int skipped, int unchanged);

    [LoggerMessage(101, LogLevel.Warning, "The cluster could not be read: {Reason}")]
    private partial void Unreadable(string reason);

    [LoggerMessage(102, LogLevel.Warning, "{Warning} (plan {PlanId})")]
    private partial void PlanWarning(string warning, string planId);

    [LoggerMessage(103, LogLevel.Error, "{Reason}")]
    private partial void StoreFailed(string reason);

    [LoggerMessage(104, LogLevel.Error, "The cycle failed unexpectedly")]
    private partial void Crashed(Exception exception);
}
