using System.Net.Http.Headers;

namespace ImageUpdater.Registry.Transport;

/// <summary>The header that goes with 429 and 503, in seconds or as a date.</summary>
internal static class RetryAfter
{
    /// <summary>Where the registry says nothing, or nonsense.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(60);

    /// <summary>Limits the effect of a wrong Retry-After value.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    public static bool IsTime(string? header) => RetryConditionHeaderValue.TryParse(header, out _);

    public static DateTimeOffset Until(string? header, DateTimeOffset now)
    {
        var wait = RetryConditionHeaderValue.TryParse(header, out var parsed) ? parsed.Delta ?? parsed.Date - now ?? Default : Default;
        return now + TimeSpan.FromTicks(Math.Clamp(wait.Ticks, Shortest.Ticks, Longest.Ticks));
    }
}
