using System.Text.Json;
using ImageUpdater.Host.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace ImageUpdater.Host.Logging;

/// <summary>The log of <c>run</c>: plain text, or one JSON object per line. Configured levels override the defaults here.</summary>
internal static class ControllerLogging
{
    private const string Timestamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static void AddForController(this ILoggingBuilder logging, IConfiguration settings, bool verbose)
    {
        logging.ClearProviders()
            .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Quartz", LogLevel.Warning)
            // The command itself reports why the start failed.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddConfiguration(settings.GetSection("Logging"))
            .AddConsole()
            .RedactUrls();
        logging.Services.AddOptions<ConsoleLoggerOptions>().Configure<ServingOptions>((console, serving) =>
            console.FormatterName = serving.Logs == LogFormat.Json ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple);
        logging.Services.Configure<JsonConsoleFormatterOptions>(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = Timestamp;
            json.JsonWriterOptions = new JsonWriterOptions { Indented = false };
        });
        logging.Services.Configure<SimpleConsoleFormatterOptions>(simple =>
        {
            simple.SingleLine = true;
            simple.UseUtcTimestamp = true;
            simple.TimestampFormat = $"{Timestamp} ";
        });
    }
}
