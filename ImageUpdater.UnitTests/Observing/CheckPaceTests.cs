using ImageUpdater.Core.Observing;

namespace ImageUpdater.UnitTests.Observing;

public sealed class CheckPaceTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    [Theory]
    // A fifth of the limit, if that is above the minimum: the configured interval.
    [InlineData(10, 100, 21, 360, 5)]
    [InlineData(10, 100, 100, 360, 5)]
    // 10 images and 20 requests per six hours: two checks per image.
    [InlineData(10, 100, 20, 360, 180)]
    [InlineData(10, 100, 5, 360, 365)]
    [InlineData(10, 100, 0, 360, 365)]
    // Few requests left, but enough for one image.
    [InlineData(1, 1000, 100, 360, 5)]
    // An unknown limit: 20 requests are few. An unknown window: one hour.
    [InlineData(10, null, 20, null, 30)]
    [InlineData(10, null, 21, null, 5)]
    public void Of_Budget_IsMadeToLast(int images, int? limit, int? remaining, int? windowMinutes, int minutes)
    {
        var said = new RateLimit(limit, remaining, windowMinutes is { } window ? TimeSpan.FromMinutes(window) : null, Noon);

        var pace = CheckPace.Of(Interval, images, said, Noon);

        Assert.Equal(new CheckPace(TimeSpan.FromMinutes(minutes), IsStretched: minutes > 5), pace);
    }

    [Fact]
    public void Of_NothingSaid_IsAsConfigured()
    {
        Assert.Equal(new CheckPace(Interval), CheckPace.Of(Interval, 1000, limit: null, Noon));
        Assert.Equal(new CheckPace(Interval), CheckPace.Of(Interval, 1000, new RateLimit(100, Remaining: null, TimeSpan.FromHours(6), Noon), Noon));
    }

    [Fact]
    public void Of_WindowHasPassed_IsAsConfigured() =>
        Assert.Equal(new CheckPace(Interval), CheckPace.Of(Interval, 1000, new RateLimit(100, 0, TimeSpan.FromHours(6), Noon), Noon.AddHours(6)));

    [Theory]
    [InlineData(100)]
    [InlineData(7)]
    [InlineData(1)]
    public void Of_LowBudget_IsNotSpentBeforeTheWindowEnds(int images)
    {
        var (remaining, window) = (15, TimeSpan.FromHours(6));
        var random = new Random(1);
        var said = new RateLimit(100, remaining, window, Noon);
        var next = Enumerable.Range(0, images).Select(i => Noon.AddSeconds(-i * 300.0 / images)).ToDictionary(last => last, last => last + Interval);
        var asked = 0;
        var counted = next.ToDictionary(pair => pair.Key, pair => (Last: pair.Key, Next: pair.Value));
        for (var now = Noon; now < Noon + window; now += TimeSpan.FromSeconds(30))
        {
            foreach (var (image, (last, planned)) in counted.ToList())
            {
                var pace = CheckPace.Of(Interval, images, said, now);
                var at = pace.IsStretched && planned < last + pace.Interval ? last + pace.Interval : planned;
                if (at > now)
                    continue;

                asked++;
                said = said with { Remaining = Math.Max(0, said.Remaining!.Value - 1), At = now };
                counted[image] = (now, now + (pace.Interval * (1 + (0.1 * random.NextDouble()))));
            }
        }

        Assert.InRange(asked, images > remaining ? 0 : 1, remaining);
    }
}
