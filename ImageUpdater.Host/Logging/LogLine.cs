using System.Globalization;

namespace ImageUpdater.Host.Logging;

/// <summary>What the lines of both formats of the log have.</summary>
internal static class LogLine
{
    // The placeholder that holds the template itself.
    private const string Template = "{OriginalFormat}";

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>As Loki and Grafana know them.</summary>
    public static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };

    /// <summary>The placeholders of the message with their values, in camel case.</summary>
    public static IEnumerable<(string Name, object? Value)> Fields<TState>(TState state) => (state as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
        .Where(field => field.Key.Length > 0 && field.Key != Template)
        .Select(field => (char.ToLowerInvariant(field.Key[0]) + field.Key[1..], field.Value));
}
