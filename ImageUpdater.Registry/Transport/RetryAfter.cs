using System.Net.Http.Headers;

namespace ImageUpdater.Registry.Transport;

/// <summary>Parses the Retry-After header of 429 and 503: seconds or a date (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    /// <summary>Used if the header is missing or invalid.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(60);

    /// <summary>Limits the effect of a wrong Retry-After value.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    public static bool IsTime(string? header) => IsLarge(header) || RetryConditionHeaderValue.TryParse(header, out _);

    public static DateTimeOffset Until(string? header, DateTimeOffset now)
    {
        var wait = IsLarge(header) ? Longest
            : RetryConditionHeaderValue.TryParse(header, out var parsed) ? parsed.Delta ?? parsed.Date - now ?? Default : Default;
        return now + TimeSpan.FromTicks(Math.Clamp(wait.Ticks, Shortest.Ticks, Longest.Ticks));
    }

    // More seconds than .NET's parser accepts.
    private static bool IsLarge(string? header) => header?.Trim() is { Length: >= 10 } seconds && seconds.All(char.IsAsciiDigit);
}
