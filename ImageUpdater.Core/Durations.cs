using System.Globalization;
using System.Text;

namespace ImageUpdater.Core;

/// <summary>Durations as Kubernetes and Prometheus users write them: <c>90s</c>, <c>15m</c>, <c>1h30m</c>, <c>7d</c>, <c>2w</c>; and <c>0</c>.</summary>
public static class Durations
{
    public const string Examples = "90s, 15m, 12h or 7d";

    private const int MaxTextLength = 40;
    private static readonly TimeSpan Max = TimeSpan.FromDays(3650);

    private static readonly (char Unit, TimeSpan Length)[] Units =
    [
        ('w', TimeSpan.FromDays(7)), ('d', TimeSpan.FromDays(1)), ('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1)),
    ];

    /// <summary>Null if the text is not a duration. Each unit at most once, larger units first, up to ten years in total.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text is "0")
            return TimeSpan.Zero;
        if (text.Length is 0 or > MaxTextLength)
            return null;

        var rest = text.AsSpan();
        var (sum, next) = (TimeSpan.Zero, 0);
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits < 1 || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return null;

            var letter = rest[digits];
            var unit = Array.FindIndex(Units, next, unit => unit.Unit == letter);
            if (unit < 0 || count > Max / Units[unit].Length)
                return null;

            sum += Units[unit].Length * count;
            next = unit + 1;
            rest = rest[(digits + 1)..];
        }

        return sum <= Max ? sum : null;
    }

    /// <summary>As <see cref="Parse"/> reads it, in days and less.</summary>
    public static string Format(TimeSpan span)
    {
        var text = new StringBuilder();
        foreach (var (unit, length) in Units[1..])
        {
            var count = (long)(span / length);
            span -= length * count;
            if (count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }
}
