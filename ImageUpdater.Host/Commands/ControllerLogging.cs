using System.Text.Json;
using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Commands;

/// <summary>The log of <c>run</c>: lines for people, or one JSON object a line. Levels that are configured win over the defaults here.</summary>
internal static class ControllerLogging
{
    private const string Timestamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static void Configure(ILoggingBuilder logging, ImageUpdaterOptions options, IReadOnlyDictionary<string, string> environment, bool verbose)
    {
        logging.ClearProviders()
            .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Quartz", LogLevel.Warning)
            .AddConfiguration(OptionsReader.Configure(environment, new Dictionary<string, string?>()).GetSection("Logging"));
        if (options.Serving.Logs == LogFormat.Json)
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = Timestamp;
                console.JsonWriterOptions = new JsonWriterOptions { Indented = false };
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = $"{Timestamp} ";
            });
        }

        logging.RedactUrls();
    }
}
