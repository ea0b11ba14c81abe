using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// The health of the background loops: the jobs, and the readers of the audit log. A bug there is logged when it differs from the last one,
/// counted each time, and reported by readiness until a run succeeds.
/// </summary>
internal sealed partial class BackgroundLoops(Instruments instruments, ILogger<BackgroundLoops> logger)
{
    private readonly ConcurrentDictionary<BackgroundLoop, Bug> bugs = new();

    /// <summary>The problems as messages; empty if the last run of each loop succeeded.</summary>
    public IEnumerable<string> Problems => bugs.OrderBy(bug => bug.Key).Select(bug => $"{LabelValues.Of(bug.Key)}: unexpected error ({bug.Value.Type}); see the log");

    /// <summary>Records a successful run.</summary>
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

    // /readyz shows the exception type only: a message may contain anything.
    private sealed record Bug(string Type, string Message);

    [LoggerMessage(EventId = 122, Message = "Background loop '{Loop}' failed unexpectedly")]
    private partial void FailedUnexpectedly(LogLevel level, string loop, Exception exception);

    [LoggerMessage(123, LogLevel.Information, "Background loop '{Loop}' recovered from {Type}")]
    private partial void WorksAgain(string loop, string type);
}
