using ImageUpdater.Core.Auditing;

namespace ImageUpdater.Reports;

/// <summary>Formats durations and counts. The only place that does.</summary>
public static class Words
{
    /// <summary>The two largest units, for example <c>3 min 12 s</c>; rounded down, as a clock does.</summary>
    public static string Span(TimeSpan span)
    {
        if (span < TimeSpan.FromSeconds(1))
            return "under 1 s";
        if (span < TimeSpan.FromMinutes(1))
            return $"{span.Seconds} s";
        if (span < TimeSpan.FromHours(1))
            return Two(span.Minutes, "min", span.Seconds, "s");
        if (span < TimeSpan.FromDays(1))
            return Two(span.Hours, "h", span.Minutes, "min");
        return Two(span.Days, "d", span.Hours, "h");
    }

    /// <summary>For example <c>1 restart</c>, <c>2 restarts</c>, <c>5,000 restarts</c>.</summary>
    public static string Count(long count, string noun) => $"{Number(count)} {(count == 1 ? noun : noun + "s")}";

    public static string Number(long count) => count.ToString("N0");

    /// <summary>For example <c>2 held, 1 skipped</c>; what there is none of is left out.</summary>
    public static string List(params IEnumerable<(int Count, string Word)> parts) =>
        string.Join(", ", parts.Where(part => part.Count > 0).Select(part => $"{Number(part.Count)} {part.Word}"));

    public static string Of(AuditAction action) => WireNames.AuditActions[action].Replace('-', ' ');

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
}
