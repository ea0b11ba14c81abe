using ImageUpdater.Core.Applying;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Persistence;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

/// <summary>Looks at the rollouts that are under way, beside the cycles rather than within them.</summary>
[DisallowConcurrentExecution]
internal sealed partial class TrackJob(RolloutTracker tracker, ControllerState state, BackgroundLoops loops, IHostApplicationLifetime lifetime, ILogger<TrackJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var stopping = lifetime.ApplicationStopping;
        try
        {
            var looked = await tracker.LookAsync(stopping);
            state.RolloutsRunning = looked.Count(rollout => rollout.State == RolloutState.Running);
            state.TrackingProblem = null;

            // What waited for its turn, or is to be put back, does not wait for the next check as well.
            if (looked.Any(rollout => rollout.State is RolloutState.Failed or RolloutState.TimedOut) || (state.RolloutsQueued && looked.Any(rollout => rollout.State != RolloutState.Running)))
            {
                state.CycleIsDue();
                await context.Scheduler.TriggerJob(ReconcileJob.Key, stopping);
            }

            loops.Works(BackgroundLoop.Tracking);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next start goes on where this look ended.
        }
        catch (StateStoreException exception)
        {
            // It looks every two seconds, and a volume may be full for hours.
            if (state.TrackingProblem != exception.Message)
                StoreFailed(exception.Message);
            state.TrackingProblem = exception.Message;
        }
        catch (Exception exception)
        {
            // A bug. The next look tries again.
            loops.Crashed(BackgroundLoop.Tracking, exception);
        }
    }

    [LoggerMessage(110, LogLevel.Error, "{Reason}")]
    private partial void StoreFailed(string reason);
}
