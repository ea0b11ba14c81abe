using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Auditing;

/// <summary>Everybody who reads the audit log: to be stopped after the last write, while the store is open.</summary>
internal sealed class AuditReaders : IHostedService, IAsyncDisposable
{
    private readonly IReadOnlyList<AuditReaderLoop> loops;
    private readonly TimeSpan drainWithin;
    private bool isDisposed;

    /// <param name="drainWithin">How long what is in the log at the end may take.</param>
    public AuditReaders(
        IEnumerable<IAuditReader> readers, StateStore store, TimeSpan drainWithin, BackgroundLoops failures, TimeProvider time, ILogger<AuditReaderLoop> logger)
    {
        this.drainWithin = drainWithin;
        // Where another process writes, its readers tell.
        loops = store.IsReadOnly ? [] : [.. readers.Select(reader => new AuditReaderLoop(reader, store.Audit, failures, time, logger))];
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
