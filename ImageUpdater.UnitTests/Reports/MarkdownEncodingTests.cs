using System.Text.RegularExpressions;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

public sealed class MarkdownEncodingTests
{
    public static TheoryData<string> HostileTexts => Hostile.Texts;

    [Theory]
    [InlineData("plain text, with (brackets) and 5.2.1", "plain text, with (brackets) and 5.2.1")]
    [InlineData("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;")]
    [InlineData("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))")]
    [InlineData("a|b\\c`d*e_f#g!h{i}~j", "a\\|b\\\\c\\`d\\*e\\_f\\#g\\!h\\{i\\}\\~j")]
    [InlineData("one\ntwo\r\nthree", "one two  three")]
    [InlineData("  - item", "\\- item")]
    [InlineData("12. item", "12\\. item")]
    [InlineData("12) item", "12\\) item")]
    [InlineData("= heading", "\\= heading")]
    [InlineData("https://evil.example", "https:\u2060//evil.example")]
    [InlineData("www.evil.example", "www.\u2060evil.example")]
    [InlineData("@everyone", "@\u2060everyone")]
    [InlineData("nginx@sha256:0123", "nginx@sha256:0123")]
    [InlineData("", "")]
    public void Escape_Text_ShowsItAndObeysNothingInIt(string text, string expected) => Assert.Equal(expected, MarkdownText.Escape(text));

    [Theory]
    [InlineData("web", "`web`")]
    [InlineData("a|b", "`a\\|b`")]
    [InlineData("a\\|b", "a\\\\\\|b")]
    [InlineData("a`b", "``a`b``")]
    [InlineData("`a``b`", "``` `a``b` ```")]
    [InlineData("a\nb", "`a b`")]
    [InlineData("`", "`` ` ``")]
    [InlineData("   ", "")]
    public void Code_Text_IsShownWhole(string text, string expected) => Assert.Equal(expected, MarkdownText.Code(text));

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void Markdown_HostileText_StaysInItsCell(string text)
    {
        AssertSameTables(AuditReportRenderer.Markdown(Hostile.Report("plain")), AuditReportRenderer.Markdown(Hostile.Report(text)));
        Assert.DoesNotContain('<', MarkdownText.Escape(text));
    }

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void PlanMarkdown_HostileText_StaysInItsCell(string text)
    {
        AssertSameTables(PlanMarkdown.Write("plain", Hostile.Plan("plain")), PlanMarkdown.Write(text, Hostile.Plan(text)));
    }

    private static void AssertSameTables(string plain, string hostile)
    {
        var expected = plain.Split('\n').Select(Cells).ToList();
        var actual = hostile.Split('\n').Select(Cells).ToList();
        Assert.Equal(expected, actual);
    }

    // Vertical bars without a backslash before them, at which GitHub splits a row.
    private static int Cells(string line) => Regex.Count(line, @"(?<!\\)(?:\\\\)*\|");
}
