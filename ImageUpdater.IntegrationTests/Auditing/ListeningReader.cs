using System.Collections.Concurrent;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.IntegrationTests.Auditing;

/// <summary>Records what was delivered, and behaves as configured by the test.</summary>
internal sealed class ListeningReader : IAuditReader
{
    public BackgroundLoop Loop { get; init; } = BackgroundLoop.Events;

    public string? Cursor { get; init; } = "events";

    public bool IsOn { get; init; } = true;

    public volatile Exception? Bug;

    public volatile bool Refuses;

    public volatile bool Holds;

    public TimeSpan Takes { get; init; }

    /// <summary>Including records that it did not process.</summary>
    public ConcurrentQueue<string> Received { get; } = [];

    public ConcurrentQueue<string> Processed { get; } = [];

    public async Task<bool> ProcessAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        Received.Enqueue(record.Message);
        await Task.Delay(Holds ? Timeout.InfiniteTimeSpan : Takes, cancellationToken);
        if (Bug is { } bug)
            throw bug;
        if (Refuses)
            return false;
        Processed.Enqueue(record.Message);
        return true;
    }
}
