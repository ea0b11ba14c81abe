using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Credentials;

internal static partial class CredentialLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "The token is not renewed, the last one stays in use: {Problem}")]
    public static partial void TokenKept(ILogger logger, string problem);
}
