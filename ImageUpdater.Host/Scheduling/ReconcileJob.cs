using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Persistence;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Observe, plan, apply, never twice at once: whenever an image is due, and once in every check interval for what is new in the cluster.
/// At other times it is not worth a request.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class ReconcileJob(
    Pipeline pipeline, ControllerState state, CycleLog log, Instruments instruments, CheckIntervals intervals, CheckingOptions options, IHostApplicationLifetime lifetime,
    TimeProvider time) : IJob
{
    public const string Actor = "controller";

    public static readonly JobKey Key = new("reconcile");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var begun = time.GetUtcNow();
        if (!state.TakeWanted() && state.NextCycle > begun + intervals.Slack)
            return;

        var stopping = lifetime.ApplicationStopping;
        var started = time.GetTimestamp();
        try
        {
            // At the start everything, whatever was planned: it may be why somebody restarted it, and with other options.
            var request = new PlanRequest(Actor) { Refresh = state.LastCycle is null ? Refresh.All : Refresh.Due, Observed = state.Observed };
            var made = await pipeline.ReconcileAsync(request, stopping);
            if (!made.IsSuccess(out var plan, out var failure))
            {
                Failed("Kubernetes", failure.Message);
                log.Unreadable(failure.Message);
                return;
            }

            state.CycleDone(time.GetUtcNow(), NextCycle(plan, begun, begun + options.CheckInterval), CycleSummary.Of(plan.Plan, [.. plan.Input.Checks.Values], state.Newest));
            state.RolloutsQueued = plan.Plan.Queued.Any();
            instruments.CycleEnded(isSuccess: true, time.GetElapsedTime(started));
            log.Done(plan);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was begun is finished or recovered at the next start.
        }
        catch (StateStoreException exception)
        {
            // Nothing without an audit record: the cycle ends here, and the next one tries again.
            Failed("state store", exception.Message);
            log.StoreFailed(exception.Message);
        }
        catch (Exception exception)
        {
            // A bug. It must not end in silence: readiness and the metrics tell of it, and the next cycle tries again.
            Failed("the newest cycle", $"unexpected failure ({exception.GetType().Name}); the log says where");
            log.Crashed(exception);
        }

        IdleMemory.GiveBack();

        void Failed(string part, string message)
        {
            state.CycleFailed(part, message);
            instruments.CycleEnded(isSuccess: false, time.GetElapsedTime(started));
        }
    }

    // What waits for its turn is looked at again as soon as may be; and a hold that ends is news, as an image that is due.
    private static DateTimeOffset NextCycle(MadePlan made, DateTimeOffset begun, DateTimeOffset latest)
    {
        if (made.Plan.Queued.Any())
            return begun;

        var images = made.Input.Images.Select(image => image.NextCheck ?? begun);
        var holds = made.Plan.Workloads.SelectMany(workload => workload.Containers).Select(container => container.HeldUntil).OfType<DateTimeOffset>();
        return images.Concat(holds).Append(latest).Min();
    }
}
