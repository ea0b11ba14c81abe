using ImageUpdater.Core.Applying;
using ImageUpdater.Host.Logging;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Persistence;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

/// <summary>Checks the running rollouts, independently of the cycles.</summary>
[DisallowConcurrentExecution]
internal sealed partial class TrackJob(RolloutTracker tracker, RequestedRetries retries, ControllerState state, BackgroundLoops loops, IHostApplicationLifetime lifetime, ILogger<TrackJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var stopping = lifetime.ApplicationStopping;
        try
        {
            var tracked = await tracker.TrackAsync(stopping);
            state.RolloutsRunning = tracked.Count(rollout => rollout.State == RolloutState.Running);
            state.TrackingProblem = null;

            // Starts a cycle at once for queued restarts, and for a rollout that did not succeed: its workload may have to be pinned (pin-previous), and
            // what was decided before it ended is no longer true. Also for a retry that somebody requested.
            var hasFailed = tracked.Any(rollout => rollout.State is RolloutState.Failed or RolloutState.TimedOut or RolloutState.Mismatch or RolloutState.Reverted);
            var hasRoom = state.RolloutsQueued && tracked.Any(rollout => rollout.State != RolloutState.Running);
            if (hasFailed || hasRoom || retries.Any)
            {
                state.CycleIsDue();
                await context.Scheduler.TriggerJob(ReconcileJob.Key, stopping);
            }

            loops.Works(BackgroundLoop.Tracking);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next start continues with the open rollouts.
        }
        catch (StateStoreException exception)
        {
            // Logged once: this runs every two seconds, and a volume may be full for hours.
            if (state.TrackingProblem != exception.Message)
                StoreFailed(exception.Message);
            state.TrackingProblem = exception.Message;
            StoreFailure.LogCause(logger, exception);
        }
        catch (Exception exception)
        {
            // A bug. The next run retries.
            loops.Crashed(BackgroundLoop.Tracking, exception);
        }
    }

    [LoggerMessage(110, LogLevel.Error, "{Reason}")]
    private partial void StoreFailed(string reason);
}
