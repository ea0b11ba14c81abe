using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.UnitTests.Observing;

public sealed class ManifestReadTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly ImageReference Image = ImageReference.Parse("r.example/app:latest").Value!.AtDigest(Digest.OfContent([1]));
    private static readonly RegistryFailure Gone = new(RegistryFailureKind.NotFound, "answered 404");

    [Fact]
    public void Failed_Again_BacksOffAsAFailedCheckDoes()
    {
        ManifestRead? read = null;
        var minutes = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            read = ManifestRead.Failed(Image, read, Gone, Noon, Interval, fraction: 0);
            minutes.Add((read.NextRead!.Value - Noon).TotalMinutes);
        }

        Assert.Equal([5, 10, 20, 40, 60, 60], minutes);
        Assert.Equal(6, read!.FailuresInARow);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(-24 * 60, true)] // the clock was set back by a day
    public void IsDue_Failed_OnceItsBackoffHasEnded(double minutesAfter, bool due)
    {
        var read = ManifestRead.Failed(Image, before: null, Gone, Noon, Interval, fraction: 0);
        Assert.Equal(due, read.IsDue(read.NextRead!.Value.AddMinutes(minutesAfter), Interval));
    }

    [Fact]
    public void IsDue_Read_Never() => Assert.False(new ManifestRead(Image, Noon).IsDue(Noon.AddYears(1), Interval));
}
