using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.UnitTests.Observing;

public sealed class CheckScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly ImageReference Image = ImageReference.Parse("r.example/app:latest").Value!;
    private static readonly Digest Digest = Digest.OfContent([1]);
    private static readonly CheckPace Pace = new(TimeSpan.FromSeconds(300));

    [Theory]
    [InlineData(0, 270)]
    [InlineData(0.5, 300)]
    [InlineData(1, 330)]
    public void Next_ServedAtItsTime_IsOneIntervalAwayMoreOrLess(double fraction, double seconds) =>
        Assert.Equal(seconds, Seconds(CheckSchedule.Next(State(planned: 10), Served(), Pace, fraction)), tolerance: 0.001);

    [Theory]
    [InlineData(null, 0, 30)]
    [InlineData(null, 1, 300)]
    [InlineData(-3600d, 0.5, 165)]
    [InlineData(200d, 0, 30)]
    [InlineData(200d, 1, 300)]
    public void Next_ServedFirstLateOrEarly_IsSpreadOverTheInterval(double? planned, double fraction, double seconds) =>
        Assert.Equal(seconds, Seconds(CheckSchedule.Next(planned is null ? null : State(planned.Value), Served(), Pace, fraction)), tolerance: 0.001);

    [Theory]
    [InlineData(0, 0, 300, 300)]
    [InlineData(1, 0, 300, 600)]
    [InlineData(2, 1, 300, 960)]
    [InlineData(5, 0, 300, 3600)]
    [InlineData(5, 1, 300, 2880)]
    [InlineData(5000, 0.5, 300, 3240)]
    [InlineData(0, 1, 7200, 7920)]
    [InlineData(9, 1, 7200, 7920)]
    public void Next_Failed_DoublesUpToAnHourAndIsNeverLessThanTheInterval(int before, double fraction, double interval, double seconds) =>
        Assert.Equal(
            seconds,
            Seconds(CheckSchedule.Next(State(planned: 0, failures: before), Failed(), new CheckPace(TimeSpan.FromSeconds(interval)), fraction)),
            tolerance: 0.001);

    [Fact]
    public void Next_ServedAfterFailures_IsBackAtTheInterval() =>
        Assert.InRange(Seconds(CheckSchedule.Next(State(planned: 0, failures: 9), Served(), Pace, 1)), 0, 330);

    [Theory]
    [InlineData(1800, 0, 1800)]
    [InlineData(1800, 1, 2100)]
    [InlineData(60, 0, 300)]
    public void Next_RegistryNamedATime_IsNotBefore(double retryAfter, double fraction, double seconds) =>
        Assert.Equal(seconds, Seconds(CheckSchedule.Next(before: null, Failed(retryAfter), Pace, fraction)), tolerance: 0.001);

    [Fact]
    public void Next_RegistryWasNotAsked_DoesNotCountAsOneMoreFailure()
    {
        var left = new FailedCheck(Image, Noon, new RegistryFailure(RegistryFailureKind.RateLimited, "left alone", Noon.AddSeconds(1)) { WasAsked = false });

        Assert.Equal(600, Seconds(CheckSchedule.Next(State(planned: 0, failures: 2), left, Pace, 0)), tolerance: 0.001);
    }

    [Fact]
    public void Next_AnyCheck_IsWithinItsBounds() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(10_000),
        Prop.ForAll(
            (from interval in Gen.Choose(1, 7 * 24 * 3600)
             from failures in Gen.Choose(0, 100)
             from planned in Gen.Choose(-100_000, 100_000)
             from percent in Gen.Choose(0, 100)
             from kind in Gen.Choose(0, 2)
             select (interval, failures, planned, fraction: percent / 100.0, kind)).ToArbitrary(),
            given =>
            {
                var pace = new CheckPace(TimeSpan.FromSeconds(given.interval));
                ImageCheck check = given.kind switch { 0 => Served(), 1 => Failed(), _ => Failed(retryAfter: 3600) };
                var wait = Seconds(CheckSchedule.Next(State(given.planned, given.failures), check, pace, given.fraction));
                return given.kind switch
                {
                    0 => wait >= 0.1 * given.interval - 0.001 && wait <= 1.1 * given.interval + 0.001,
                    1 => wait >= given.interval - 0.001 && wait <= Math.Max(3600, 1.1 * given.interval) + 0.001,
                    _ => wait >= Math.Max(3600, given.interval) - 0.001 && wait <= Math.Max(4200, 1.1 * given.interval) + 0.001,
                };
            }));

    [Fact]
    public void Next_ManyImagesCheckedAtOnce_AreSpreadAndStaySpread()
    {
        var random = new Random(7);
        var next = Enumerable.Range(0, 1000).Select(_ => CheckSchedule.Next(before: null, Served(), Pace, random.NextDouble())).ToArray();
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < next.Length; i++)
                next[i] = CheckSchedule.Next(State(next[i] - Noon), Served(next[i]), Pace, random.NextDouble());
        }

        // Each tenth of an interval has about a tenth of the checks; without jitter one or two would have all of them.
        var start = Noon.AddSeconds(20 * 300);
        Assert.All(
            Enumerable.Range(0, 10),
            tenth => Assert.InRange(next.Count(at => (int)(((at - start).TotalSeconds % 300 + 300) % 300 / 30) == tenth), 50, 200));
    }

    [Theory]
    [InlineData(100, 0, false, null)]
    [InlineData(330, 0, false, null)]
    [InlineData(7200, 0, false, 150d)]
    [InlineData(3600, 3, false, null)]
    [InlineData(90_000, 3, false, 150d)]
    public void Correction_PlannedTooFarAhead_IsBroughtBack(double planned, int failures, bool stretched, double? corrected)
    {
        var at = CheckSchedule.Correction(State(planned, failures), Pace with { IsStretched = stretched }, Noon, fraction: 0.5);

        Assert.Equal(corrected, at is null ? null : Seconds(at.Value));
    }

    [Fact]
    public void Correction_BudgetRanLow_PutsOffWhatWasPlanned()
    {
        var slow = new CheckPace(TimeSpan.FromHours(2), IsStretched: true);
        var state = State(planned: 60) with { LastChecked = Noon.AddMinutes(-4) };

        var at = CheckSchedule.Correction(state, slow, Noon, fraction: 0)!.Value;

        Assert.Equal(Noon.AddMinutes(-4).AddHours(2), at);
        Assert.Null(CheckSchedule.Correction(state with { NextCheck = at }, slow, Noon, fraction: 1));
        Assert.Equal(Noon.AddMinutes(5), CheckSchedule.Correction(state with { NextCheck = at }, Pace, Noon, fraction: 1));
    }

    private static double Seconds(DateTimeOffset at) => (at - Noon).TotalSeconds;

    private static ServedCheck Served(DateTimeOffset? at = null) => new(Image, at ?? Noon, Digest, "type");

    private static FailedCheck Failed(double? retryAfter = null) => new(
        Image, Noon, new RegistryFailure(RegistryFailureKind.TimedOut, "it failed", retryAfter is { } seconds ? Noon.AddSeconds(seconds) : null));

    private static ImageState State(double planned, int failures = 0) => State(TimeSpan.FromSeconds(planned), failures);

    private static ImageState State(TimeSpan planned, int failures = 0) => new(
        Image, Digest, "type", Noon.AddSeconds(-300), Noon.AddDays(-1),
        failures == 0 ? null : new RegistryFailure(RegistryFailureKind.TimedOut, "it failed"), failures, Noon + planned);
}
