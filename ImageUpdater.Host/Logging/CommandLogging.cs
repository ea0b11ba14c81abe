namespace ImageUpdater.Host.Logging;

/// <summary>Commands talk to the user through their output. What happens inside is shown only when it is asked for.</summary>
internal static class CommandLogging
{
    public static void AddForCommand(this ILoggingBuilder logging, bool verbose)
    {
        if (!verbose)
            return;

        logging.SetMinimumLevel(LogLevel.Debug)
            // The host's own: that it starts and stops.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Warning)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "HH:mm:ss ";
            })
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .RedactUrls();
    }
}
