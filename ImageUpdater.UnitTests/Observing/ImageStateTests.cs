using ImageUpdater.Core.Observing;
using ImageUpdater.UnitTests.Persistence;

namespace ImageUpdater.UnitTests.Observing;

public sealed class ImageStateTests
{
    private static readonly DateTimeOffset Later = Samples.Noon.AddHours(1);
    private static readonly ImageState Before = ImageState.New(Samples.Image("a:1")).After(Samples.Served("a:1", "one")).State;

    [Fact]
    public void After_FirstAnswer_IsAnObservation()
    {
        var (state, observation) = ImageState.New(Samples.Image("a:1")).After(Samples.Served("a:1", "one"));

        Assert.Equal((Samples.Digest("one"), Samples.Noon, Samples.Noon, 0), (state.Digest, state.LastChecked, state.LastChanged, state.FailuresInARow));
        Assert.Equal(new Observation(Samples.Image("a:1"), Samples.Digest("one"), Samples.Index, Samples.Noon), observation);
    }

    [Theory]
    [InlineData("one", false)]
    [InlineData("two", true)]
    public void After_Answer_IsAnObservationIfTheDigestIsNew(string content, bool isNew)
    {
        var (state, observation) = Before.After(Samples.Served("a:1", content, Later));

        Assert.Equal((Samples.Digest(content), Later, isNew ? Later : Samples.Noon), (state.Digest, state.LastChecked, state.LastChanged));
        Assert.Equal(isNew, observation is not null);
    }

    [Fact]
    public void After_Failures_KeepTheDigestAndAreCountedUntilAnAnswer()
    {
        var failed = Before.After(Samples.Failed("a:1", at: Later)).State.After(Samples.Failed("a:1", at: Later)).State;

        Assert.Equal((Before.Digest, Later, 2), (failed.Digest, failed.LastChecked, failed.FailuresInARow));
        Assert.NotNull(failed.Failure);
        var answered = failed.After(Samples.Served("a:1", "one", Later)).State;
        Assert.Equal((0, null), (answered.FailuresInARow, answered.Failure));
    }

    [Fact]
    public void After_BackingOff_IsNoCheckAndCountsOnce()
    {
        var backingOff = Samples.Failed("a:1", at: Later) is var failed ? failed with { Failure = failed.Failure with { WasAsked = false } } : throw new InvalidOperationException();

        var state = Before.After(backingOff).State.After(backingOff).State;

        Assert.Equal((Samples.Noon, 1), (state.LastChecked, state.FailuresInARow));
    }

    [Fact]
    public void After_ChangeInTheFuture_CountsFromNow()
    {
        var early = Samples.Noon.AddHours(-1);

        Assert.Equal(early, Before.After(Samples.Served("a:1", "one", early)).State.LastChanged);
        Assert.Equal(early, Before.After(Samples.Failed("a:1", at: early)).State.LastChanged);
    }
}
