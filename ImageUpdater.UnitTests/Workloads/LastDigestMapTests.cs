using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Workloads;

public sealed class LastDigestMapTests
{
    private static readonly string A = "sha256:" + new string('a', 64);
    private static readonly string B = "sha256:" + new string('b', 64);

    // {A} and {B} are replaced by digests. Columns: the map's digests for web as the first tracked container, and for db as another.
    [Theory]
    [InlineData(null, "", "", "", 0)]
    [InlineData("", "", "", "", 0)]
    [InlineData(" \n", "", "", "", 0)]
    [InlineData("web:{A}", "{A}", "", "web:{A}", 0)]
    [InlineData("web:{A},db:{B}", "{A}", "{B}", "db:{B},web:{A}", 0)]
    [InlineData(" web : {A} , db:{B},,", "{A}", "{B}", "db:{B},web:{A}", 0)]
    [InlineData("db:{B}", "", "{B}", "db:{B}", 0)]
    [InlineData("{A}", "{A}", "", "", 0)]
    [InlineData(" {A}\n", "{A}", "", "", 0)]
    [InlineData("sha256:{A}", "", "", "sha256:{A}", 0)]
    [InlineData("{A},db:{B}", "", "{B}", "db:{B}", 1)]
    [InlineData("web:{A},web:{B}", "{A}", "", "web:{A}", 1)]
    [InlineData("web:{A},web:{A}", "{A}", "", "web:{A}", 1)]
    [InlineData("web:,db:{B}", "", "{B}", "db:{B}", 1)]
    [InlineData("web:sha256:123,db:{B}", "", "{B}", "db:{B}", 1)]
    [InlineData(":{A}", "", "", "", 1)]
    [InlineData("web={A}", "", "", "", 1)]
    [InlineData("{\"web\":\"{A}\"}", "", "", "", 1)]
    [InlineData("WEB:{A}", "", "", "WEB:{A}", 0)]
    [InlineData("rubbish", "", "", "", 1)]
    [InlineData("r,u,b,b,i,s,h,web:{A}", "{A}", "", "web:{A}", 3)]
    public void Parse_TableRow_ReadsWhatCanBeRead(string? text, string web, string db, string written, int problems)
    {
        var map = LastDigestMap.Parse(Fill(text));

        Assert.Equal(Fill(web), map.For("web", isFirstTracked: true)?.Value ?? "");
        Assert.Equal(Fill(db), map.For("db", isFirstTracked: false)?.Value ?? "");
        Assert.Equal(Fill(written), map.ToString());
        Assert.Equal(problems, map.Problems.Count);
    }

    [Fact]
    public void Parse_RubbishInAnEntry_NamesItWithoutControlCharacters()
    {
        var problem = Assert.Single(LastDigestMap.Parse("\u001b[2J" + new string('x', 10_000)).Problems);

        Assert.StartsWith("invalid last-digest entry ' [2Jxxx", problem, StringComparison.Ordinal);
        Assert.InRange(problem.Length, 1, 150);
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(1_000, 1)]
    public void Parse_ManyEntries_ReadsAPodsWorthAndNoMore(int entries, int problems)
    {
        var map = LastDigestMap.Parse(string.Join(',', Enumerable.Range(0, entries).Select(i => $"container-{i}:{A}")));

        Assert.Equal(problems, map.Problems.Count);
        Assert.Equal(problems == 0, map.For("container-99", isFirstTracked: false) is not null);
    }

    [Fact]
    public void ToString_Several_IsSortedByOrdinalName() => Assert.Equal(
        $"B:{A},a:{A},a-b:{A},a1:{A}",
        LastDigestMap.Of(new[] { "a1", "a-b", "a", "B" }.Select(name => KeyValuePair.Create(name, Digest.Parse(A)))).ToString());

    [Fact]
    public void Parse_WrittenMap_GivesTheSameMap() => Prop.ForAll(Maps().ToArbitrary(), map =>
    {
        var read = LastDigestMap.Parse(LastDigestMap.Of(map).ToString());
        return read.Problems.Count == 0 && map.All(entry => read.For(entry.Key, isFirstTracked: false) == entry.Value)
            && read.ToString() == LastDigestMap.Of(map.Reverse()).ToString();
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_AnyText_ReadsOnlyWhatItWritesAgain() => Prop.ForAll(Texts().ToArbitrary(), text =>
    {
        var written = LastDigestMap.Parse(text).ToString();
        return written == LastDigestMap.Parse(written).ToString() && LastDigestMap.Parse(text).Problems.Count <= 3;
    }).QuickCheckThrowOnFailure();

    private static string? Fill(string? text) => text?.Replace("{A}", A, StringComparison.Ordinal).Replace("{B}", B, StringComparison.Ordinal);

    private static Gen<Dictionary<string, Digest>> Maps() =>
        from names in Gen.Elements("web", "db", "a", "a-b", "sha256", "x0", "0").ListOf()
        from digests in Gen.Choose(0, 9).ListOf(7)
        select names.Distinct().Select((name, i) => (name, digest: Digest.Parse("sha256:" + new string((char)('0' + digests[i]), 64))))
            .ToDictionary(entry => entry.name, entry => entry.digest);

    private static Gen<string?> Texts() => Gen.OneOf(
        ArbMap.Default.GeneratorFor<string?>(),
        Gen.Elements("web", "db", ":", ",", "sha256:", A, B, " ", "\n", "sha512:", "\u202e").ListOf().Select(string? (parts) => string.Concat(parts)));
}
