using ImageUpdater.Core;

namespace ImageUpdater.UnitTests;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("1h30m", 5400)]
    [InlineData("2w", 1209600)]
    [InlineData("1w2d3h4m5s", 788645)]
    [InlineData("3650d", 315360000)]
    public void Parse_Span_IsRead(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("5M")]
    [InlineData("30m1h")]
    [InlineData("1h1h")]
    [InlineData("5 m")]
    [InlineData("3651d")]
    [InlineData("3650d1s")]
    [InlineData("99999999999w")]
    [InlineData("soon")]
    public void Parse_AnythingElse_IsNone(string text) => Assert.Null(Durations.Parse(text));

    [Theory]
    [InlineData("0", "0s")]
    [InlineData("90s", "1m30s")]
    [InlineData("2w", "14d")]
    [InlineData("1d1s", "1d1s")]
    public void Format_Span_IsReadBack(string text, string formatted)
    {
        Assert.Equal(formatted, Durations.Format(Durations.Parse(text)!.Value));
        Assert.Equal(Durations.Parse(text), Durations.Parse(formatted));
    }
}
