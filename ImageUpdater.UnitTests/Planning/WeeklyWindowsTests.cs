using System.Globalization;
using ImageUpdater.Core.Planning;

namespace ImageUpdater.UnitTests.Planning;

public sealed class WeeklyWindowsTests
{
    // 2026-05-04 is a Monday. In Berlin clocks change from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25.
    [Theory]
    [InlineData("always", "2026-05-04T12:00:00Z", "")]
    [InlineData("00:00-24:00", "2026-05-04T00:00:00Z", "")]
    [InlineData("00:00-24:00", "2026-05-04T23:59:59Z", "")]
    [InlineData("22:00-04:00", "2026-05-04T22:00:00Z", "")]
    [InlineData("22:00-04:00", "2026-05-05T03:59:59Z", "")]
    [InlineData("22:00-04:00", "2026-05-05T04:00:00Z", "2026-05-05T22:00:00Z")]
    [InlineData("Mon 22:00-04:00", "2026-05-05T03:00:00Z", "")]
    [InlineData("Mon 22:00-04:00", "2026-05-04T03:00:00Z", "2026-05-04T22:00:00Z")]
    [InlineData("Mon 22:00-04:00", "2026-05-05T04:00:00Z", "2026-05-11T22:00:00Z")]
    [InlineData("Sat,Sun 02:00-06:00", "2026-05-04T12:00:00Z", "2026-05-09T02:00:00Z")]
    [InlineData("sat-sunday 02:00-06:00", "2026-05-04T12:00:00Z", "2026-05-09T02:00:00Z")]
    [InlineData("Fri-Mon 10:00-11:00", "2026-05-04T10:30:00Z", "")]
    [InlineData("Fri-Mon 10:00-11:00", "2026-05-04T11:00:00Z", "2026-05-08T10:00:00Z")]
    [InlineData("Wed 01:00-02:00; Tue 05:00-06:00", "2026-05-04T12:00:00Z", "2026-05-05T05:00:00Z")]
    [InlineData("daily 02:00-03:00 Europe/Berlin", "2026-05-04T00:30:00Z", "")]
    [InlineData("daily 02:00-03:00 Europe/Berlin", "2026-05-04T02:30:00Z", "2026-05-05T00:00:00Z")]
    [InlineData("daily 02:00-03:00 Europe/Berlin", "2026-12-04T02:30:00Z", "2026-12-05T01:00:00Z")]
    [InlineData("Mon 00:30-01:00 Pacific/Auckland", "2026-05-03T12:45:00Z", "")]
    [InlineData("Mon 00:30-01:00 Asia/Kathmandu", "2026-05-03T18:45:00Z", "")]
    // A window in the skipped hour opens an hour later and has the same length.
    [InlineData("Sun 02:00-02:30 Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z")]
    [InlineData("Sun 02:00-02:30 Europe/Berlin", "2026-03-29T01:29:59Z", "")]
    [InlineData("Sun 02:00-02:30 Europe/Berlin", "2026-03-29T01:30:00Z", "2026-04-05T00:00:00Z")]
    // Also where only the start is skipped.
    [InlineData("02:00-03:00 Europe/Berlin", "2027-03-28T00:59:59Z", "2027-03-28T01:00:00Z")]
    [InlineData("02:00-03:00 Europe/Berlin", "2027-03-28T01:59:59Z", "")]
    [InlineData("02:00-03:00 Europe/Berlin", "2027-03-28T02:00:00Z", "2027-03-29T00:00:00Z")]
    [InlineData("02:30-03:30 Europe/Berlin", "2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z")]
    [InlineData("02:30-03:30 Europe/Berlin", "2027-03-28T02:29:59Z", "")]
    [InlineData("01:30-02:30 Europe/Berlin", "2027-03-28T01:29:59Z", "")]
    [InlineData("01:30-02:30 Europe/Berlin", "2027-03-28T01:30:00Z", "2027-03-28T23:30:00Z")]
    [InlineData("02:00-03:00 Europe/Berlin", "2027-10-31T00:00:00Z", "")]
    [InlineData("02:00-03:00 Europe/Berlin", "2027-10-31T01:59:59Z", "")]
    [InlineData("02:00-03:00 Europe/Berlin", "2027-10-31T02:00:00Z", "2027-11-01T01:00:00Z")]
    [InlineData("Sat 23:00-04:00 Europe/Berlin", "2026-03-29T01:59:59Z", "")]
    [InlineData("Sat 23:00-04:00 Europe/Berlin", "2026-03-29T02:00:00Z", "2026-04-04T21:00:00Z")]
    // A window in the repeated hour is open from its first start to its second end.
    [InlineData("Sun 02:00-02:30 Europe/Berlin", "2026-10-25T00:00:00Z", "")]
    [InlineData("Sun 02:00-02:30 Europe/Berlin", "2026-10-25T00:45:00Z", "")]
    [InlineData("Sun 02:00-02:30 Europe/Berlin", "2026-10-25T01:29:59Z", "")]
    [InlineData("Sun 02:00-02:30 Europe/Berlin", "2026-10-25T01:30:00Z", "2026-11-01T01:00:00Z")]
    public void OpensAfter_AtThatMoment_IsTheNextOpening(string window, string at, string opens)
    {
        var windows = WeeklyWindows.Parse(window).Value!;
        Assert.Equal(opens.Length == 0 ? null : Moment(opens), windows.OpensAfter(Moment(at)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ; ")]
    [InlineData("Mon")]
    [InlineData("Mon-Fri 22:00")]
    [InlineData("Mon-Fri 22:00-25:00")]
    [InlineData("24:00-25:00")]
    [InlineData("2:00-4:00")]
    [InlineData("02:60-04:00")]
    [InlineData("02:00-02:00")]
    [InlineData("24:00-00:00")]
    [InlineData("Mon-Wed-Fri 02:00-04:00")]
    [InlineData("Mo 02:00-04:00")]
    [InlineData("Mon, Tue 02:00-04:00")]
    [InlineData("02:00-04:00 Europe/Atlantis")]
    [InlineData("02:00-04:00 ../../etc/passwd")]
    [InlineData("02:00-04:00 Europe/Berlin please")]
    [InlineData("02:00-04:00;nonsense")]
    public void Parse_WhatIsNoWindow_SaysWhatToWrite(string text)
    {
        var parsed = WeeklyWindows.Parse(text);
        Assert.Null(parsed.Value);
        Assert.Contains("Mon-Fri 22:00-04:00 Europe/Berlin", parsed.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_WithWhatATerminalObeys_IsOneLine() =>
        Assert.Equal("Mon 02:00-03:00;  Tue 02:00-03:00", WeeklyWindows.Parse("Mon 02:00-03:00;\n\u2028Tue 02:00-03:00\r\n").Value!.Text);

    [Fact]
    public void Parse_LongText_IsNotRead() =>
        Assert.Contains("501 characters", WeeklyWindows.Parse(new string('x', 501)).Failure, StringComparison.Ordinal);

    /// <summary>Every minute around both clock changes: the window opens exactly when the predicted next opening is.</summary>
    [Theory]
    [InlineData("Sat-Mon 01:30-03:15 Europe/Berlin", "2026-03-27")]
    [InlineData("Sat-Mon 01:30-03:15 Europe/Berlin", "2026-10-23")]
    [InlineData("daily 23:10-02:20 America/New_York; Sun 12:00-12:30", "2026-03-06")]
    [InlineData("daily 23:10-02:20 America/New_York", "2026-10-30")]
    [InlineData("daily 01:50-02:10 Australia/Lord_Howe", "2026-04-03")]
    public void OpensAfter_MinuteByMinute_ComesTrue(string window, string from)
    {
        var windows = WeeklyWindows.Parse(window).Value!;
        var start = Moment(from + "T00:00:00Z");
        DateTimeOffset? promised = null;
        for (var at = start; at < start.AddDays(5); at = at.AddMinutes(1))
        {
            var opens = windows.OpensAfter(at);
            if (promised is not null)
                Assert.Equal(at >= promised ? null : promised, opens);
            Assert.True(opens is null || opens > at);
            promised = opens;
        }
    }

    /// <summary>
    /// Around every clock change of two years, for windows that begin at any quarter of an hour: each day has one opening, at the moment that was
    /// predicted, and the window is never empty.
    /// </summary>
    [Theory]
    [InlineData("Europe/Berlin", 4)]
    [InlineData("America/New_York", 4)]
    [InlineData("Australia/Lord_Howe", 4)]
    [InlineData("Europe/Dublin", 4)]
    [InlineData("Africa/Casablanca", 4)]
    [InlineData("America/Santiago", 4)]
    [InlineData("Asia/Beirut", 4)]
    [InlineData("America/Havana", 4)]
    [InlineData("Africa/Cairo", 4)]
    public void OpensAfter_AroundClockChanges_OpensOnceADayAndIsNeverEmpty(string zoneName, int changes)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var found = Changes(zone, 2027, 2028).ToList();
        Assert.True(found.Count >= changes, $"{found.Count} changes");
        foreach (var change in found)
        {
            for (var start = 0; start < 24 * 60; start += 15)
            {
                foreach (var length in new[] { 15, 60, 90, 1200 })
                    OpensOnceADay(zone, change, start, length);
            }
        }
    }

    private static void OpensOnceADay(TimeZoneInfo zone, DateTimeOffset change, int start, int length)
    {
        var text = $"{start / 60:00}:{start % 60:00}-{(start + length) / 60 % 24:00}:{(start + length) % 60:00} {zone.Id}";
        var windows = WeeklyWindows.Parse(text).Value!;
        var day = TimeZoneInfo.ConvertTime(change, zone).Date.AddDays(-2);
        var at = new DateTimeOffset(day.AddMinutes(start), zone.GetUtcOffset(day.AddMinutes(start)));
        for (var days = 0; days < 5; days++, day = day.AddDays(1))
        {
            // One tick before it opens; that of the day before has ended by then.
            var opens = windows.OpensAfter(at.AddTicks(-1));
            Assert.True(opens is not null, $"{text} is open before {at:u}");
            Assert.Null(windows.OpensAfter(opens.Value));
            var (local, wanted) = (TimeZoneInfo.ConvertTime(opens.Value, zone).DateTime, day.AddMinutes(start));
            Assert.True(local == wanted || (IsSkipped(zone, change, wanted) && local > wanted && local <= wanted.AddHours(1)), $"{text} opens at {local:s}");

            var closed = opens.Value.AddMinutes(15);
            Assert.True(windows.OpensAfter(closed.AddTicks(-1)) is null, $"{text} is open for less than a quarter of an hour at {opens:u}");
            while (windows.OpensAfter(closed) is null)
                closed = closed.AddMinutes(5);
            Assert.True(closed - opens.Value <= TimeSpan.FromMinutes(length + 60), $"{text} is open until {closed:u}");
            at = windows.OpensAfter(closed)!.Value;
        }
    }

    // Not IsInvalidTime, which is wrong for Dublin and Casablanca.
    private static bool IsSkipped(TimeZoneInfo zone, DateTimeOffset change, DateTime local) =>
        local >= change.UtcDateTime + zone.GetUtcOffset(change.AddTicks(-1)) && local < change.UtcDateTime + zone.GetUtcOffset(change);

    private static IEnumerable<DateTimeOffset> Changes(TimeZoneInfo zone, int first, int last)
    {
        var end = new DateTimeOffset(last + 1, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var at = new DateTimeOffset(first, 1, 1, 0, 0, 0, TimeSpan.Zero); at < end; at = at.AddMinutes(30))
        {
            if (zone.GetUtcOffset(at) != zone.GetUtcOffset(at.AddMinutes(-30)))
                yield return at;
        }
    }

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
