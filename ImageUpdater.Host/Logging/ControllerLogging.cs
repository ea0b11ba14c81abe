using ImageUpdater.Host.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace ImageUpdater.Host.Logging;

/// <summary>The log of <c>run</c>: plain text, or one JSON object per line. Configured levels override the defaults here.</summary>
internal static class ControllerLogging
{
    public static void AddForController(this ILoggingBuilder logging, IConfiguration settings, bool verbose)
    {
        logging.ClearProviders()
            .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Quartz", LogLevel.Warning)
            // The command itself reports why the start failed.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddConfiguration(settings.GetSection("Logging"))
            .AddConsole();
        logging.Services
            .AddSingleton<ConsoleFormatter, TextLines>()
            .AddSingleton<ConsoleFormatter, JsonLines>()
            .AddOptions<ConsoleLoggerOptions>().Configure<ServingOptions>((console, serving) =>
                console.FormatterName = serving.LogFormat == LogFormat.Json ? JsonLines.Format : TextLines.Format);
        logging.RedactUrls();
    }
}
