using System.Globalization;

namespace ImageUpdater.Host.Registry;

/// <summary>What a registry said last of its limit on pulls, in the form of Docker Hub: <c>100;w=21600</c>.</summary>
/// <param name="Remaining">Pulls left in the current window.</param>
/// <param name="Window">Null where the header does not say.</param>
internal sealed record RateLimit(int? Limit, int? Remaining, TimeSpan? Window, DateTimeOffset At)
{
    public static RateLimit? Parse(string? limit, string? remaining, DateTimeOffset at)
    {
        var (limitCount, limitWindow) = ParseCount(limit);
        var (remainingCount, remainingWindow) = ParseCount(remaining);
        return limitCount is null && remainingCount is null
            ? null
            : new RateLimit(limitCount, remainingCount, limitWindow ?? remainingWindow, at);
    }

    private static (int? Count, TimeSpan? Window) ParseCount(string? text)
    {
        if (text is null)
            return default;

        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return default;

        var window = parts.FirstOrDefault(part => part.StartsWith("w=", StringComparison.OrdinalIgnoreCase))?[2..];
        return int.TryParse(window, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? (count, TimeSpan.FromSeconds(seconds))
            : (count, null);
    }
}
