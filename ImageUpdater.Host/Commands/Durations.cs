using System.CommandLine.Parsing;
using System.Globalization;

namespace ImageUpdater.Host.Commands;

/// <summary>Spans of time as users of Kubernetes and Prometheus write them: <c>90s</c>, <c>15m</c>, <c>12h</c>, <c>7d</c>, <c>2w</c>.</summary>
internal static class Durations
{
    private const int MaxDays = 3650;

    public static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return null;

        var unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            'w' => TimeSpan.FromDays(7),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero && count > 0 && count <= TimeSpan.FromDays(MaxDays) / unit ? unit * count : null;
    }

    public static TimeSpan Read(ArgumentResult argument)
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (Parse(text) is { } duration)
            return duration;

        argument.AddError($"'{Core.OutsideText.Bound(text, 40)}' is not a span of time: write 90s, 15m, 12h, 7d or 2w");
        return TimeSpan.Zero;
    }
}
