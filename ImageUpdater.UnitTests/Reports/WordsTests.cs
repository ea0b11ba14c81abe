using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

public sealed class WordsTests
{
    [Theory]
    [InlineData(-5, "under 1 s")]
    [InlineData(0, "under 1 s")]
    [InlineData(0.9, "under 1 s")]
    [InlineData(1, "1 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(192, "3 min 12 s")]
    [InlineData(3599, "59 min 59 s")]
    [InlineData(3600, "1 h")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(86400, "1 d")]
    [InlineData(187200, "2 d 4 h")]
    [InlineData(7776000, "90 d")]
    public void Span_Seconds_AreTheTwoLargestUnits(double seconds, string expected) => Assert.Equal(expected, Words.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0 restarts")]
    [InlineData(1, "1 restart")]
    [InlineData(2, "2 restarts")]
    [InlineData(5000, "5,000 restarts")]
    public void Count_Number_AgreesWithItsNoun(int count, string expected) => Assert.Equal(expected, Words.Count(count, "restart"));

    [Fact]
    public void List_Parts_LeavesOutWhatThereIsNoneOf() => Assert.Equal("2 held, 1 skipped", Words.List((2, "held"), (0, "failed"), (1, "skipped")));
}
