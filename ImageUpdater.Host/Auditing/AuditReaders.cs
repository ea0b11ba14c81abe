using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Auditing;

/// <summary>Everybody who reads the audit log: to be stopped after the last write, while the store is open.</summary>
internal sealed class AuditReaders : IHostedService, IAsyncDisposable
{
    private readonly IReadOnlyList<AuditReaderLoop> loops;
    private readonly TimeSpan drainWithin;
    private bool isDisposed;

    /// <param name="tellsEvents">Whether Kubernetes events are wanted.</param>
    /// <param name="drainWithin">How long what is in the log at the end may take.</param>
    public AuditReaders(
        IAuditLog log, ClusterClient kubernetes, bool tellsEvents, TimeSpan drainWithin, BackgroundLoops failures, Instruments instruments, TimeProvider time,
        ILoggerFactory logging)
    {
        this.drainWithin = drainWithin;
        var readers = new List<IAuditReader> { new LogAndCounters(instruments, logging.CreateLogger<LogAndCounters>()) };
        if (tellsEvents)
            readers.Add(new WorkloadEvents(async (told, ct) => (await kubernetes.CreateEventAsync(told, ct)).Failure, instruments, time, logging.CreateLogger<WorkloadEvents>()));
        loops = [.. readers.Select(reader => new AuditReaderLoop(reader, log, failures, time, logging.CreateLogger<AuditReaderLoop>()))];
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var loop in loops)
            loop.Start();
        return Task.CompletedTask;
    }

    /// <summary>Takes as long as it needs, within the time to drain: whoever waits for less would close the store under it.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(loops.Select(loop => loop.StopAsync(drainWithin)));

    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;

        isDisposed = true;
        await StopAsync(CancellationToken.None);
        foreach (var loop in loops)
            loop.Dispose();
    }
}
