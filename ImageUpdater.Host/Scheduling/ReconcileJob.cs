using ImageUpdater.Core.Applying;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Persistence;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Runs a cycle (observe, plan, apply) whenever an image is due, a cycle was requested, or the check interval has passed; never two at once.
/// Otherwise it returns without a request.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class ReconcileJob(
    Pipeline pipeline, ControllerState state, CycleLog log, Instruments instruments, CheckIntervals intervals, CheckingOptions options, RestartOptions restarts, CheckRequests requests,
    IHostApplicationLifetime lifetime, TimeProvider time) : IJob
{
    public const string Actor = "controller";

    public static readonly JobKey Key = new("reconcile");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var begun = time.GetUtcNow();
        // A cycle that is further away than any is ever planned: the clock was set back.
        if (!state.TakeWanted() && state.NextCycle > begun + intervals.Slack && state.NextCycle <= begun + options.CheckInterval)
            return;

        var stopping = lifetime.ApplicationStopping;
        var started = time.GetTimestamp();
        var asked = requests.Take();
        try
        {
            // The first cycle checks all images, due or not: options may have changed, or the restart may have been meant to force a check.
            var request = new PlanRequest(Actor) { Refresh = state.HasObserved ? Refresh.Due : Refresh.All, Checks = asked.Selections, Observed = state.Observed, Planned = asked.Answer };
            var reconciled = await pipeline.ReconcileAsync(request, stopping);
            if (!reconciled.IsSuccess(out var applied, out var failure))
            {
                Failed("Kubernetes", failure.Message);
                log.Unreadable(failure.Message);
                return;
            }

            var made = applied.Made;
            state.CycleDone(time.GetUtcNow(), NextCycle(applied, begun, begun + options.CheckInterval), CycleSummary.Of(made.Plan, [.. made.Input.Checks.Values], state.Newest));
            state.RolloutsQueued = made.Plan.Queued.Any();
            instruments.CycleEnded(isSuccess: true, time.GetElapsedTime(started));
            log.Done(made);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Changes that had started are finished, or recovered at the next start.
        }
        catch (StateStoreException exception)
        {
            // Nothing is changed without an audit record: the cycle ends here, and the next one retries.
            Failed("state store", exception.Message);
            log.StoreFailed(exception);
        }
        catch (Exception exception)
        {
            // A bug: readiness and metrics report it, and the next cycle retries.
            Failed("the last cycle", $"unexpected error ({exception.GetType().Name}); see the log");
            log.Crashed(exception);
        }

        asked.Fail("the controller is stopping");
        IdleMemory.GiveBack();

        void Failed(string part, string message)
        {
            state.CycleFailed(part, message);
            asked.Fail($"{part}: {message}");
            instruments.CycleEnded(isSuccess: false, time.GetElapsedTime(started));
        }
    }

    // With queued restarts, pods that are starting, or a change that failed or got no response, at the next tick; otherwise when the next image is due or the next hold ends.
    private DateTimeOffset NextCycle(AppliedPlan applied, DateTimeOffset begun, DateTimeOffset latest)
    {
        var made = applied.Made;
        // Under ObserveOnly, no slot becomes free for what is queued.
        if ((made.Plan.Queued.Any() && !restarts.ObserveOnly) || made.Plan.Workloads.Any(workload => workload.IsWaiting) || applied.Changes.Any(change => change.Outcome is ApplyOutcome.Failed or ApplyOutcome.Unknown))
            return begun;

        var images = made.Input.Images.Select(image => image.NextCheck ?? begun);
        var holds = made.Plan.Workloads.SelectMany(workload => workload.Containers).Select(container => container.HeldUntil).OfType<DateTimeOffset>();
        return images.Concat(holds).Append(latest).Min();
    }
}
