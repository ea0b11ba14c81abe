using ImageUpdater.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ImageUpdater.Host.Logging;

/// <summary>
/// Frees every line of the log of the user part of URLs, those of exceptions, Quartz and ASP.NET among them: their texts never come
/// through <see cref="UntrustedText.Bound"/>.
/// </summary>
internal static class RedactedLog
{
    /// <summary>For after the console has been added: its formatters are wrapped.</summary>
    public static ILoggingBuilder RedactUrls(this ILoggingBuilder logging)
    {
        foreach (var formatter in logging.Services.Where(service => service.ServiceType == typeof(ConsoleFormatter)).ToArray())
        {
            logging.Services.Remove(formatter);
            logging.Services.TryAddSingleton(formatter.ImplementationType!);
            logging.Services.AddSingleton<ConsoleFormatter>(services => new Formatter((ConsoleFormatter)services.GetRequiredService(formatter.ImplementationType!)));
        }

        return logging;
    }

    private sealed class Formatter(ConsoleFormatter inner) : ConsoleFormatter(inner.Name)
    {
        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            using var lines = new StringWriter();
            inner.Write(in logEntry, scopeProvider, lines);
            textWriter.Write(UntrustedText.WithoutUserInfo(lines.ToString()));
        }
    }
}
