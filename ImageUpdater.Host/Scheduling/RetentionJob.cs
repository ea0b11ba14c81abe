using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Logging;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Upkeep;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

/// <summary>Removes data older than the retention. The newest record of each workload is kept as long as the workload.</summary>
[DisallowConcurrentExecution]
internal sealed partial class RetentionJob(
    StateUpkeep store, BackgroundLoops loops, StateOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<RetentionJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var stopping = lifetime.ApplicationStopping;
        try
        {
            var before = time.GetUtcNow() - options.Retention;
            var pruned = await store.PruneAsync(before, stopping);
            if (pruned.Total > 0)
                Pruned(pruned.Total, before);
            loops.Works(BackgroundLoop.Retention);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Pruning is one transaction: if it was rolled back, the next run does it.
        }
        catch (StateStoreException exception)
        {
            StoreFailed(exception.Message);
            StoreFailure.LogCause(logger, exception);
        }
        catch (Exception exception)
        {
            // A bug. The next run retries.
            loops.Crashed(BackgroundLoop.Retention, exception);
        }
    }

    [LoggerMessage(120, LogLevel.Information, "Retention removed {Count} rows from before {Before:u}")]
    private partial void Pruned(int count, DateTimeOffset before);

    [LoggerMessage(121, LogLevel.Error, "{Reason}")]
    private partial void StoreFailed(string reason);
}
