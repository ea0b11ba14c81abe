using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Kubernetes.Objects;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class SimilarEventsTests
{
    private readonly SteppedTime time = new();

    [Fact]
    public void Take_ManyOfOneKind_NineThenOneForAllThatFollow()
    {
        var similar = new SimilarEvents(time);

        Assert.Equal(Notes(1, 9), Enumerable.Range(1, 9).Select(i => similar.Take(Event($"note {i}"))?.Note));
        Assert.Equal("(combined from similar events): note 10", similar.Take(Event("note 10"))?.Note);
        Assert.Null(similar.Take(Event("note 11")));
        Assert.NotNull(similar.Take(Event("note 11", reason: "RolloutFailed")));
        Assert.NotNull(similar.Take(Event("note 11", uid: "another")));
    }

    [Fact]
    public void Take_NoneForTenMinutes_BeginsAgain()
    {
        var similar = new SimilarEvents(time);
        for (var i = 0; i < 20; i++)
        {
            time.Advance(TimeSpan.FromMinutes(9));
            similar.Take(Event($"note {i}"));
        }

        Assert.Null(similar.Take(Event("more")));
        time.Advance(TimeSpan.FromMinutes(10.1));
        Assert.Equal("more", similar.Take(Event("more"))?.Note);
    }

    [Fact]
    public void Take_TheSameAgain_IsNotReportedTwice()
    {
        var similar = new SimilarEvents(time);

        Assert.NotNull(similar.Take(Event("note")));
        Assert.Null(similar.Take(Event("note")));
    }

    private static IEnumerable<string> Notes(int from, int count) => Enumerable.Range(from, count).Select(i => $"note {i}");

    private static WorkloadEvent Event(string note, string reason = "Held", string uid = "uid") =>
        new(new WorkloadKey("default", WorkloadKind.Deployment, "web"), uid, WorkloadEventType.Normal, reason, "Hold", note, DateTimeOffset.UnixEpoch);
}
