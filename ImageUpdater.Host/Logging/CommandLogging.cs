namespace ImageUpdater.Host.Logging;

/// <summary>The log of commands, which is off by default: their output is for the user.</summary>
internal static class CommandLogging
{
    public static void AddForCommand(this ILoggingBuilder logging, bool verbose)
    {
        if (!verbose)
            return;

        logging.SetMinimumLevel(LogLevel.Debug)
            // Hides the host's messages about starting and stopping.
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
