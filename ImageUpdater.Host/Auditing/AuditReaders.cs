using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Auditing;

/// <param name="DrainWithin">How long what is in the log at the end may take.</param>
/// <param name="After">How long the first look at the log can wait. The start of a controller has other work to do.</param>
internal sealed record AuditReading(TimeSpan DrainWithin, TimeSpan After = default);

/// <summary>Everybody who reads the audit log: to be stopped after the last write, while the store is open.</summary>
internal sealed class AuditReaders : IHostedService, IAsyncDisposable
{
    private readonly IReadOnlyList<AuditReaderLoop> loops;
    private readonly AuditReading options;
    private bool isDisposed;

    public AuditReaders(
        IEnumerable<IAuditReader> readers, StateStore store, AuditReading options, BackgroundLoops failures, TimeProvider time, ILogger<AuditReaderLoop> logger)
    {
        this.options = options;
        // Where another process writes, its readers tell.
        loops = store.IsReadOnly ? [] : [.. readers.Select(reader => new AuditReaderLoop(reader, store.Audit, failures, time, logger))];
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var loop in loops)
            loop.Start(options.After);
        return Task.CompletedTask;
    }

    /// <summary>Takes as long as it needs, within the time to drain: whoever waits for less would close the store under it.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(loops.Select(loop => loop.StopAsync(options.DrainWithin)));

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
