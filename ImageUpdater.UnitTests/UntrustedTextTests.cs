using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core;

namespace ImageUpdater.UnitTests;

public sealed class OutsideTextTests
{
    [Theory]
    [InlineData("short", "short")]
    [InlineData("0123456789", "0123456789")]
    [InlineData("0123456789abcdef", "012…abcdef")]
    [InlineData("01\U0001F6003456789abc\U0001F600ef", "01…bc\U0001F600ef")]
    public void BoundMiddle_Text_KeepsBothEnds(string text, string expected) => Assert.Equal(expected, UntrustedText.BoundMiddle(text, 10));

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("plain <b>text</b> \u00e4\u6f22", "plain <b>text</b> \u00e4\u6f22")]
    [InlineData("a\u001b[31mred\u0007", "a [31mred ")]
    [InlineData("one\r\ntwo\tthree\0four", "one  two three four")]
    [InlineData("\u0085\u009b", "  ")]
    [InlineData("abc\u202Etxt.exe\u2066\u200F\u200B\uFEFF", "abc txt.exe    ")]
    [InlineData("one\u2028two\u2029three", "one two three")]
    [InlineData("tag\U000E0041", "tag ")]
    [InlineData("\ud83d\ude00", "\ud83d\ude00")]
    public void Bound_ShortText_KeepsWhatIsHarmless(string? text, string expected) =>
        Assert.Equal(expected, UntrustedText.Bound(text));

    [Theory]
    [InlineData("request to proxy 'http://joe:s3cret@127.0.0.1:3128/' failed", "request to proxy 'http://127.0.0.1:3128/' failed")]
    [InlineData("socks5://joe@host", "socks5://host")]
    [InlineData("https://joe:p@ss@host/path", "https://host/path")]
    [InlineData("\u202Ehttps://joe:s3cret@host", " https://host")]
    [InlineData("two: http://a:b@c and https://d:e@f/g@h?i@j", "two: http://c and https://f/g@h?i@j")]
    [InlineData("http://registry/team/app@sha256:abc", "http://registry/team/app@sha256:abc")]
    [InlineData("team/app@sha256:abc of ops@example.com", "team/app@sha256:abc of ops@example.com")]
    public void Bound_UrlWithAnAccount_LosesTheAccount(string text, string expected) =>
        Assert.Equal(expected, UntrustedText.Bound(text));

    [Fact]
    public void Bound_AccountCutByTheLimit_IsNotShownInPart() =>
        Assert.Equal("https://\u2026", UntrustedText.Bound("https://joe:s3cret-that-is-long@registry.example.com", 9));

    [Theory]
    [InlineData("abcde", 5, "abcde")]
    [InlineData("abcdef", 5, "abcd\u2026")]
    [InlineData("abc\ud83d\ude00", 5, "abc\ud83d\ude00")]
    [InlineData("abc\ud83d\ude00f", 5, "abc\u2026")]
    [InlineData("abcd\ud83d\ude00", 5, "abcd\u2026")]
    [InlineData("ab", 1, "\u2026")]
    [InlineData("ab", 0, "")]
    public void Bound_AtTheLimit_CutsBetweenCharacters(string text, int maxLength, string expected) =>
        Assert.Equal(expected, UntrustedText.Bound(text, maxLength));

    // Not a theory: xunit can't serialize lone surrogates as test data.
    [Fact]
    public void Bound_LoneSurrogates_BecomeReplacementCharacters() =>
        Assert.Equal("a\ufffdb\ufffd", UntrustedText.Bound("a" + '\ud83d' + "b" + '\ude00'));

    [Fact]
    public void Bound_AnyText_IsShortAndWithoutControlCharacters() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), ArbMap.Default.ArbFor<PositiveInt>(), (text, max) =>
        {
            var bound = UntrustedText.Bound(text, max.Get);
            return bound.Length <= max.Get && !bound.Any(char.IsControl) && bound.EnumerateRunes().All(rune => rune != default)
                && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(bound)) == bound;
        }).QuickCheckThrowOnFailure();
}
