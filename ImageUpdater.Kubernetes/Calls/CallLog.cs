using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Calls;

internal static partial class CallLog
{
    [LoggerMessage(EventId = 3002, Level = LogLevel.Debug, Message = "Retrying {Method} {Path} in {Delay}: {Detail}")]
    public static partial void TriedAgain(ILogger logger, string method, string path, TimeSpan delay, string detail);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "The Kubernetes API warns about {Method} {Path}: {Warning}")]
    public static partial void Warned(ILogger logger, string method, string? path, string warning);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Debug, Message = "The continue token of {Path} expired; reading the list again without paging")]
    public static partial void ListExpired(ILogger logger, string path);
}
