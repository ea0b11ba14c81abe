using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Auditing;

/// <param name="DrainWithin">Time limit for delivering the records that are left when stopping.</param>
/// <param name="After">Delay before the log is first read, so that it does not compete with the start of the controller.</param>
internal sealed record AuditReading(TimeSpan DrainWithin, TimeSpan After = default);

/// <summary>The registered readers of the audit log. Stop them after the last write, while the store is open.</summary>
internal sealed class AuditReaders : IHostedService, IAsyncDisposable
{
    private readonly IReadOnlyList<AuditReaderLoop> loops;
    private readonly AuditReading options;
    private bool isDisposed;

    /// <param name="readers">All that are registered.</param>
    public AuditReaders(
        IEnumerable<IAuditReader> readers, IAuditLog log, AuditReading options, BackgroundLoops failures, TimeProvider time, ILogger<AuditReaderLoop> logger)
    {
        this.options = options;
        loops = log.IsReadOnly ? [] : [.. readers.Where(reader => reader.IsOn).Select(reader => new AuditReaderLoop(reader, log, failures, time, logger))];
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var loop in loops)
            loop.Start(options.After);
        return Task.CompletedTask;
    }

    /// <summary>Ignores the token and takes up to the drain time: if the host stopped waiting, it would close the store while it is in use.</summary>
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
