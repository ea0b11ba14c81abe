using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Logging;

/// <summary>What is behind a failure of the state store. Its message says what to do; the cause is for a report of a bug.</summary>
internal static partial class StoreFailure
{
    public static void LogCause(ILogger logger, StateStoreException failure)
    {
        if (failure.InnerException is { } cause)
            Cause(logger, failure.Kind, cause);
    }

    [LoggerMessage(430, LogLevel.Debug, "Cause of the state store's failure ({Kind})")]
    private static partial void Cause(ILogger logger, StateStoreProblem kind, Exception cause);
}
