using System.Globalization;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry.Transport;

/// <summary>Parses rate limit headers in Docker Hub's format, <c>100;w=21600</c>: 100 requests per window of 21600 seconds.</summary>
internal static class RateLimitHeaders
{
    // Limits the effect of a wrong value: as long as the window lasts, images may be checked more rarely. Docker Hub's is six hours.
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

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
        if (Number(parts[0]) is not { } count)
            return default;

        var window = parts.FirstOrDefault(part => part.StartsWith("w=", StringComparison.OrdinalIgnoreCase))?[2..];
        return Number(window) is > 0 and { } seconds ? (count, TimeSpan.FromSeconds(Math.Min(seconds, LongestWindow.TotalSeconds))) : (count, null);
    }

    // A number that is too large is a large one.
    private static int? Number(string? text) =>
        string.IsNullOrEmpty(text) || !text.All(char.IsAsciiDigit) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : int.MaxValue;
}
