using ImageUpdater.Host.Auditing;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class EventSpamFilterTests
{
    private readonly SteppedTime time = new();

    [Fact]
    public void Allows_OneObject_ABurstAndThenOneEveryFiveMinutes()
    {
        var filter = new EventSpamFilter(time);

        Assert.All(Enumerable.Range(0, 25), _ => Assert.True(filter.Allows("a")));
        Assert.False(filter.Allows("a"));
        Assert.True(filter.Allows("b"));

        time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.False(filter.Allows("a"));
        time.Advance(TimeSpan.FromMinutes(0.2));
        Assert.True(filter.Allows("a"));
        Assert.False(filter.Allows("a"));
    }

    [Fact]
    public void Allows_AfterALongTime_IsABurstAgainAndNoMore()
    {
        var filter = new EventSpamFilter(time);
        while (filter.Allows("a"))
        {
        }

        time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(25, Enumerable.Range(0, 100).Count(_ => filter.Allows("a")));
    }

    [Fact]
    public void Allows_MoreObjectsThanItRemembers_ForgetsTheOldest()
    {
        var filter = new EventSpamFilter(time);
        while (filter.Allows("first"))
        {
        }

        for (var i = 0; i < 4096; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.True(filter.Allows($"{i}"));
        }

        Assert.True(filter.Allows("first"));
    }
}
