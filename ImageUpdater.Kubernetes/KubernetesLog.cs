using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes;

internal static partial class KubernetesLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "The token is not renewed, the last one stays in use: {Problem}")]
    public static partial void TokenKept(ILogger logger, string problem);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Debug, Message = "{Method} {Path} is tried again in {Delay}: {Sentence}")]
    public static partial void TriedAgain(ILogger logger, string method, string path, TimeSpan delay, string sentence);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "The Kubernetes API warns about {Method} {Path}: {Warning}")]
    public static partial void Warned(ILogger logger, string method, string path, string warning);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Debug, Message = "The list {Path} changed while it was read; reading it in one piece")]
    public static partial void ListExpired(ILogger logger, string path);
}
