using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.UnitTests.Planning;

public sealed class FlapTests
{
    private const string Image = "r.io/app:1";

    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    [Theory]
    // Digests and the minutes since which they were served; the minute of the plan; the minute of the end.
    [InlineData("A0", 1, null)]
    [InlineData("A0 B1", 2, null)]
    [InlineData("A-9999 B0 A1", 2, null)]
    [InlineData("A-9999 B0 A5 B10", 11, null)]
    [InlineData("A-9999 B0 A5 B10 A15", 15, 30)]
    [InlineData("A-9999 B0 A5 B10 A15", 29, 30)]
    [InlineData("A-9999 B0 A5 B10 A15", 30, null)]
    [InlineData("A-9999 B0 A1 C2 A3 D4", 5, null)]
    [InlineData("A-9999 B0 A1 C2 A3 B4", 5, 19)]
    [InlineData("A0 B1 C2 D3 E4 F5", 6, null)]
    [InlineData("A-9999 B-9000 C0 A10 B20 C30", 31, 45)]
    [InlineData("A-9999 B0 A20 B40 A60", 61, null)]
    [InlineData("A-9999 B0 A0 B10 A30", 31, 45)]
    [InlineData("A-9999 B0 A0 B10 A31", 31, null)]
    // Once it flaps, every further digest is held, a new one too, until one was served for long enough.
    [InlineData("A-9999 B0 A5 B10 A15 C29", 30, 44)]
    [InlineData("A-9999 B0 A5 B10 A15 C30", 31, null)]
    [InlineData("A-9999 B0 A5 B10 A15 C29 D43 E57", 58, 72)]
    // The clock was set back: by little, or by more than the time that ends a flap.
    [InlineData("A-9999 B0 A5 B10 A15", 10, 30)]
    [InlineData("A-9999 B0 A5 B10 A15", -60, null)]
    [InlineData("A-9999 B100 A105 B45 A50 B55 A60", 61, 75)]
    public void EndOf_Served_FlapsAfterThreeReturnsUntilOneIsQuiet(string served, int now, int? end)
    {
        var actual = Flap.EndOf(Observed(served), At(now), Quarter, At(now));
        Assert.Equal(end is { } minutes ? At(minutes) : null, actual);
    }

    // Between two checks it may have served another: only what was seen counts.
    [Fact]
    public void EndOf_NotCheckedSince_HasNotEnded()
    {
        var observed = Observed("A-9999 B0 A5 B10 A15");
        Assert.Equal(At(30), Flap.EndOf(observed, seenUntil: At(28), Quarter, At(32)));
        Assert.Null(Flap.EndOf(observed, seenUntil: At(30), Quarter, At(32)));
        Assert.Null(Flap.EndOf(observed, seenUntil: At(99), Quarter, At(30)));
    }

    [Fact]
    public void EndOf_TurnedOff_NeverFlaps() => Assert.Null(Flap.EndOf(Observed("A0 B1 A2 B3 A4 B5"), At(5), TimeSpan.Zero, At(5)));

    [Fact]
    public void Plan_TagFlaps_IsHeldWithTheEndAndAsksForItsObservationsFirst()
    {
        var workload = Given.Workload("web", Given.Container("web", Image));
        var input = Given.Input([workload], [Given.Served(Image, "D2")], Given.Baseline("web", "web", Image, "D1")) with
        {
            ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [Given.Image(Image)] = At(0) },
        };
        Assert.Equal([Given.Image(Image)], Planner.Plan(input).MissingInputs.Observations);

        var held = Planner.Plan(input with { Observations = new Dictionary<ObservedImage, IReadOnlyList<Observation>> { [Given.Image(Image)] = Observed("D1-40 D2-30 D1-20 D2-10 D1-5 D2-0") } });
        var decision = held.Plan.Workloads.Single().Containers.Single();
        // A check ends it, not the time.
        Assert.Equal((ContainerAction.Hold, DecisionReason.Flapping, null), (decision.Action, decision.Reason, decision.HeldUntil));
        Assert.Contains("will be rolled out if it is still served at 2026-05-04 12:15:00Z", decision.Explanation, StringComparison.Ordinal);
        Assert.Contains("it returned to an earlier digest 3 times within 30m", decision.Explanation, StringComparison.Ordinal);

        var once = Planner.Plan(input with { Observations = new Dictionary<ObservedImage, IReadOnlyList<Observation>> { [Given.Image(Image)] = Observed("D2-30 D1-20 D2-0") } });
        Assert.Equal(DecisionReason.DigestChanged, once.Plan.Workloads.Single().Containers.Single().Reason);

        Assert.Empty(Planner.Plan(input with { ServedSince = new Dictionary<ObservedImage, DateTimeOffset> { [Given.Image(Image)] = At(-15) } }).MissingInputs.Observations);
    }

    private static DateTimeOffset At(int minutes) => Given.Now.AddMinutes(minutes);

    private static List<Observation> Observed(string served) =>
    [
        .. served.Split(' ').Select(text => text.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash ? (Name: text[..dash], Minutes: text[dash..]) : (Name: text[..^Digits(text)], Minutes: text[^Digits(text)..]))
            .Select(entry => new Observation(Given.Image(Image), Given.Digest(entry.Name), Given.OciManifest, At(int.Parse(entry.Minutes, System.Globalization.CultureInfo.InvariantCulture)))).Reverse(),
    ];

    private static int Digits(string text) => text.Length - text.LastIndexOfAny(['A', 'B', 'C', 'D', 'E', 'F']) - 1;
}
