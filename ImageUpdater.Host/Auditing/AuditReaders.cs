using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Auditing;

/// <summary>The readers of the audit log. Stop them after the last write, while the store is open.</summary>
internal sealed class AuditReaders : IHostedService, IAsyncDisposable
{
    private readonly IReadOnlyList<AuditReaderLoop> loops;
    private readonly TimeSpan drainWithin;
    private bool isDisposed;

    /// <param name="drainWithin">Time limit for delivering the records that are left when stopping.</param>
    public AuditReaders(
        IEnumerable<IAuditReader> readers, StateStore store, TimeSpan drainWithin, BackgroundLoops failures, TimeProvider time, ILogger<AuditReaderLoop> logger)
    {
        this.drainWithin = drainWithin;
        // With a read-only store, the process that writes to it has the readers.
        loops = store.IsReadOnly ? [] : [.. readers.Select(reader => new AuditReaderLoop(reader, store.Audit, failures, time, logger))];
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var loop in loops)
            loop.Start();
        return Task.CompletedTask;
    }

    /// <summary>Ignores the token and takes up to the drain time: if the host stopped waiting, it would close the store while it is in use.</summary>
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
