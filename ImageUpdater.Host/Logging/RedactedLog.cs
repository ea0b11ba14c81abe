using ImageUpdater.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ImageUpdater.Host.Logging;

/// <summary>
/// Removes the user part of URLs from every log line. The texts of exceptions, Quartz and ASP.NET do not go through
/// <see cref="UntrustedText.Bound"/>.
/// </summary>
internal static class RedactedLog
{
    /// <summary>Wraps the console formatters. Call it after the console logger has been added.</summary>
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
