using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core.Images;

namespace ImageUpdater.UnitTests.Images;

public sealed class DigestTests
{
    private const string Hex64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    public static TheoryData<string?, bool> Texts() => new()
    {
        { "sha256:" + Hex64, true },
        { "sha384:" + Hex64 + Hex64[..32], true },
        { "sha512:" + Hex64 + Hex64, true },
        { null, false },
        { "", false },
        { ":", false },
        { Hex64, false },
        { "sha256", false },
        { "sha256:", false },
        { "sha256:" + Hex64[..63], false },
        { "sha256:" + Hex64 + "0", false },
        { "sha512:" + Hex64, false },
        { "sha1:" + Hex64[..40], false },
        { "md5:" + Hex64[..32], false },
        { "SHA256:" + Hex64, false },
        { "sha256:" + Hex64.ToUpperInvariant(), false },
        { "sha256:" + Hex64[..63] + "g", false },
        { "sha256:" + Hex64[..63] + "\u0661", false },
        { "sha256:" + Hex64 + "\n", false },
        { " sha256:" + Hex64, false },
        { "sha256:" + Hex64 + ":" + Hex64, false },
        { "app@sha256:" + Hex64, false },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void TryParse_TableRow_AcceptsRegisteredAlgorithmsInLowerHex(string? text, bool expected)
    {
        Assert.Equal(expected, Digest.TryParse(text, out var digest));
        Assert.Equal(expected ? text : null, digest?.ToString());
    }

    [Fact]
    public void Parse_NoDigest_NamesItBounded()
    {
        var exception = Assert.Throws<FormatException>(() => Digest.Parse(new string('x', 10_000)));

        Assert.InRange(exception.Message.Length, 1, 400);
    }

    // The digest of the empty content, as `printf '' | sha256sum` prints it.
    [Theory]
    [InlineData("", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("{}", "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")]
    public void OfContent_KnownContent_IsItsSha256(string content, string expected) =>
        Assert.Equal(expected, Digest.OfContent(Encoding.UTF8.GetBytes(content)).Value);

    [Fact]
    public void Abbreviated_OfALongDigest_HasTheAlgorithmAndTwelveDigits() =>
        Assert.Equal("sha512:0123456789ab", Digest.Parse("sha512:" + Hex64 + Hex64).Abbreviated);

    [Fact]
    public void CompareTo_Several_OrdersByText() => Assert.Equal(
        ["sha256:" + new string('0', 64), "sha256:" + new string('a', 64), "sha512:" + new string('0', 128)],
        new[] { "sha512:" + new string('0', 128), "sha256:" + new string('a', 64), "sha256:" + new string('0', 64) }
            .Select(Digest.Parse).Order().Select(digest => digest.Value));

    [Fact]
    public void TryParse_AnyText_DoesNotThrow() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text => !Digest.TryParse(text, out var digest) || digest.Value == text)
            .QuickCheckThrowOnFailure();
}
