using System.Buffers;
using System.Globalization;

namespace ImageUpdater.Registry.Credentials;

/// <summary>Go's duration format (time.ParseDuration), which Kubernetes uses: <c>12h</c>, <c>1h30m0.5s</c>, <c>0</c>.</summary>
internal static class GoDuration
{
    private const double MaxSeconds = 3650d * 24 * 60 * 60;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Name, double Seconds)[] Units =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("μs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Null if the text is not a duration, or is negative. Capped at ten years.</summary>
    public static TimeSpan? Parse(string? text)
    {
        var rest = (text ?? "").AsSpan();
        if (rest is "0" or "+0" or "-0")
            return TimeSpan.Zero;
        if (!rest.IsEmpty && rest[0] == '+')
            rest = rest[1..];
        if (rest.IsEmpty || rest.Length > 64)
            return null;

        var seconds = 0d;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return null;

            rest = rest[digits..];
            var length = rest.IndexOfAny(Digits);
            if (UnitOf(length < 0 ? rest : rest[..length]) is not { } unit)
                return null;
            seconds += number * unit;
            rest = length < 0 ? [] : rest[length..];
        }

        return TimeSpan.FromSeconds(Math.Min(seconds, MaxSeconds));
    }

    private static double? UnitOf(ReadOnlySpan<char> text)
    {
        foreach (var (name, seconds) in Units)
        {
            if (text.SequenceEqual(name))
                return seconds;
        }

        return null;
    }
}
