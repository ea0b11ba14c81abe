using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// How the work beside the cycles fares: the jobs, and what reads the audit log. A bug there must not end in silence: it is logged when it is
/// another than the last time, counted each time, and readiness tells of it until a run goes through.
/// </summary>
internal sealed partial class BackgroundLoops(Instruments instruments, ILogger<BackgroundLoops> logger)
{
    private readonly ConcurrentDictionary<BackgroundLoop, Bug> bugs = new();

    /// <summary>Each in words; empty when the newest run of each went through.</summary>
    public IEnumerable<string> Problems => bugs.OrderBy(bug => bug.Key).Select(bug => $"{LabelValues.Of(bug.Key)}: unexpected failure ({bug.Value.Type}); the log says where");

    /// <summary>A run went through.</summary>
    public void Works(BackgroundLoop loop)
    {
        if (bugs.TryRemove(loop, out var bug))
            WorksAgain(LabelValues.Of(loop), bug.Type);
    }

    public void Crashed(BackgroundLoop loop, Exception exception)
    {
        var bug = new Bug(exception.GetType().Name, UntrustedText.Bound(exception.Message));
        var name = LabelValues.Of(loop);
        var isNew = !bugs.TryGetValue(loop, out var last) || last != bug;
        bugs[loop] = bug;
        instruments.BackgroundFailed(loop);
        FailedUnexpectedly(isNew ? LogLevel.Error : LogLevel.Debug, name, exception);
    }

    // Who asks /readyz gets the kind alone: a message may hold anything.
    private sealed record Bug(string Type, string Message);

    [LoggerMessage(EventId = 122, Message = "The background work '{Loop}' failed unexpectedly")]
    private partial void FailedUnexpectedly(LogLevel level, string loop, Exception exception);

    [LoggerMessage(123, LogLevel.Information, "The background work '{Loop}' works again. It had failed: {Type}")]
    private partial void WorksAgain(string loop, string type);
}
