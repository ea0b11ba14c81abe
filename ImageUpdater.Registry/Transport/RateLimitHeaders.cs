using System.Globalization;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry.Transport;

/// <summary>Parses rate limit headers in Docker Hub's format, <c>100;w=21600</c>: 100 requests per window of 21600 seconds.</summary>
internal static class RateLimitHeaders
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
