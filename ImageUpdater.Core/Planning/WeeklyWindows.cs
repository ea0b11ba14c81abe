using System.Globalization;

namespace ImageUpdater.Core.Planning;

/// <summary>
/// When restarts may begin, for example <c>Mon-Fri 22:00-04:00 Europe/Berlin; Sat,Sun 00:00-24:00</c>. Without days: every day;
/// without a time zone: UTC. A window that ends at or before its start ends on the next day; its days are those it starts on.
/// </summary>
/// <remarks>
/// Daylight saving time: a local time that is skipped moves later by the skipped amount, so the window keeps its length; of a local time
/// that occurs twice, a window starts at the first and ends at the second.
/// </remarks>
public sealed class WeeklyWindows
{
    public static readonly WeeklyWindows Always = new("always", []);

    private const int MaxTextLength = 500;
    private const int DayMinutes = 24 * 60;
    private const string Form = "use for example Mon-Fri 22:00-04:00 Europe/Berlin, several separated by ;, or always";

    private static readonly DayOfWeek[] EveryDay = Enum.GetValues<DayOfWeek>();

    private readonly IReadOnlyList<Window> windows;

    private WeeklyWindows(string text, IReadOnlyList<Window> windows)
    {
        Text = text;
        this.windows = windows;
    }

    /// <summary>The text as written, on one line.</summary>
    public string Text { get; }

    /// <summary>The windows, or one message that says why the text is invalid.</summary>
    public static Result<WeeklyWindows, string> Parse(string text)
    {
        if (text.Length > MaxTextLength)
            return $"window is {text.Length} characters long; the maximum is {MaxTextLength}";
        if (text.Trim() is "always")
            return Always;

        var parsed = new List<Window>();
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!ParseOne(part).IsSuccess(out var window, out var problem))
                return $"invalid window '{UntrustedText.Bound(part, 80)}': {problem}; {Form}";
            parsed.Add(window);
        }

        return parsed.Count > 0 ? new WeeklyWindows(UntrustedText.Bound(text.Trim(), MaxTextLength), parsed) : $"window is empty; {Form}";
    }

    /// <summary>Null when a restart may begin at that time; else the time when the next window opens.</summary>
    public DateTimeOffset? OpensAfter(DateTimeOffset at)
    {
        if (windows.Count == 0)
            return null;

        DateTimeOffset? next = null;
        foreach (var window in windows)
        {
            if (window.OpensAfter(at) is not { } opens)
                return null;
            if (next is null || opens < next)
                next = opens;
        }

        return next;
    }

    private static Result<Window, string> ParseOne(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var times = Array.FindIndex(words, word => word.Contains(':'));
        if (times is < 0 or > 1 || words.Length > times + 2)
            return "expected days, times and a time zone";

        var days = times == 0 ? EveryDay : Days(words[0]);
        if (days is null)
            return $"unknown days '{UntrustedText.Bound(words[0], 40)}'";
        if (words[times].Split('-') is not [var from, var to] || Minutes(from) is not { } start || Minutes(to) is not { } end || start == DayMinutes)
            return "expected times such as 22:00-04:00";
        if (start == end)
            return "the start and the end are the same (use 00:00-24:00 for whole days)";

        var zone = words.Length > times + 1 ? Zone(words[times + 1]) : TimeZoneInfo.Utc;
        return zone is null
            ? $"unknown time zone '{UntrustedText.Bound(words[times + 1], 40)}'"
            : new Window([.. days], start, end > start ? end : end + DayMinutes, zone);
    }

    private static DayOfWeek[]? Days(string text)
    {
        if (text.Equals("daily", StringComparison.OrdinalIgnoreCase))
            return EveryDay;

        var days = new List<DayOfWeek>();
        foreach (var part in text.Split(','))
        {
            if (part.Split('-') is not [var from, .. var rest] || rest.Length > 1 || Day(from) is not { } first || Day(rest is [var to] ? to : from) is not { } last)
                return null;

            for (var day = first; ; day = (DayOfWeek)(((int)day + 1) % 7))
            {
                days.Add(day);
                if (day == last)
                    break;
            }
        }

        return [.. days.Distinct()];
    }

    private static DayOfWeek? Day(string text)
    {
        foreach (var day in EveryDay)
        {
            var name = day.ToString();
            if (text.Equals(name, StringComparison.OrdinalIgnoreCase) || text.Equals(name[..3], StringComparison.OrdinalIgnoreCase))
                return day;
        }

        return null;
    }

    private static int? Minutes(string text) =>
        text is [var h1, var h2, ':', var m1, var m2]
        && int.TryParse([h1, h2], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
        && int.TryParse([m1, m2], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
        && minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0))
            ? (hours * 60) + minutes
            : null;

    // The platform uses the name as a file path.
    private static TimeZoneInfo? Zone(string name) =>
        name.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '_' or '+' or '-')
        && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone
            : null;

    /// <param name="End">In minutes after the midnight before the start, so that it is always later than the start.</param>
    private sealed record Window(IReadOnlySet<DayOfWeek> Days, int Start, int End, TimeZoneInfo Zone)
    {
        public Window(DayOfWeek[] days, int start, int end, TimeZoneInfo zone)
            : this(days.ToHashSet(), start, end, zone)
        {
        }

        public DateTimeOffset? OpensAfter(DateTimeOffset at)
        {
            var today = TimeZoneInfo.ConvertTime(at, Zone).Date;
            for (var offset = -2; offset <= 8; offset++)
            {
                var day = today.AddDays(offset);
                if (!Days.Contains(day.DayOfWeek))
                    continue;

                var (start, end) = On(day);
                if (end > at)
                    return start <= at ? null : start;
            }

            throw new InvalidOperationException("A weekly window opens within eight days.");
        }

        // If only the start is skipped, the local end may be the very moment to which the start moves: the length decides instead.
        private (DateTimeOffset Start, DateTimeOffset End) On(DateTime day)
        {
            var (start, isSkipped) = Instant(day.AddMinutes(Start), isEnd: false);
            return (start, isSkipped ? start.AddMinutes(End - Start) : Instant(day.AddMinutes(End), isEnd: true).At);
        }

        // Only from offsets of moments: what .NET says of a local time (skipped, repeated) is wrong where winter time is the daylight saving time,
        // as in Dublin and Casablanca.
        private (DateTimeOffset At, bool IsSkipped) Instant(DateTime local, bool isEnd)
        {
            var moment = new DateTimeOffset(local, TimeSpan.Zero);
            var before = new DateTimeOffset(local, Zone.GetUtcOffset(moment.AddDays(-1)));
            var after = new DateTimeOffset(local, Zone.GetUtcOffset(moment.AddDays(1)));
            return (Exists(before), Exists(after)) switch
            {
                (true, true) => ((isEnd ? after : before).ToUniversalTime(), false),
                (false, true) => (after.ToUniversalTime(), false),
                (true, false) => (before.ToUniversalTime(), false),
                _ => (before.ToUniversalTime(), true),
            };
        }

        private bool Exists(DateTimeOffset at) => Zone.GetUtcOffset(at) == at.Offset;
    }
}
