using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Credentials;

internal static partial class CredentialLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Can't renew the token; using the last one: {Problem}")]
    public static partial void TokenKept(ILogger logger, string problem);
}
