using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

public sealed class HtmlEncodingTests
{
    public static TheoryData<string> HostileTexts => Hostile.Texts;

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void Html_HostileText_IsShownAndMakesNoElement(string text)
    {
        var plain = Parse(AuditReportRenderer.Html(Hostile.Report("plain")));
        var page = Parse(AuditReportRenderer.Html(Hostile.Report(text)));

        Assert.Equal(plain.All.Select(Shape), page.All.Select(Shape));
        Assert.Contains(Hostile.AsShown(text).Trim(), page.QuerySelector("#trail tbody td[data-label=What]")!.TextContent, StringComparison.Ordinal);
        Assert.Contains(Hostile.AsShown(text).Trim(), page.QuerySelector("h1")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', page.DocumentElement.TextContent);
    }

    [Fact]
    public void Html_UsersTemplate_IsEncodedToo()
    {
        Assert.True(AuditReportRenderer.Render("<p title=\"{{cluster}}\">{{code cluster}}</p>", Hostile.Report("\"><img src=x>")).IsSuccess(out var rendered, out _));

        Assert.Empty(Parse(rendered.Text).QuerySelectorAll("img"));
    }

    [Fact]
    public void Html_Page_LoadsNothingAndRunsNothing()
    {
        var page = Parse(AuditReportRenderer.Html(AuditReport.Of(Samples.Week())));

        Assert.Empty(page.QuerySelectorAll("script, link, img, iframe, object, embed, form, base, [src], [onclick], [onload], [onerror]"));
        Assert.All(page.QuerySelectorAll("[href]"), link => Assert.StartsWith("#", link.GetAttribute("href"), StringComparison.Ordinal));
        Assert.Equal("default-src 'none'; style-src 'unsafe-inline'", page.QuerySelector("meta[http-equiv=Content-Security-Policy]")!.GetAttribute("content"));
        Assert.DoesNotContain("url(", page.QuerySelector("style")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page.QuerySelector("style")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_Page_IsAccessible()
    {
        var page = Parse(AuditReportRenderer.Html(AuditReport.Of(Samples.Week())));

        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
        Assert.Single(page.QuerySelectorAll("h1"));
        Assert.All((string[])["section", "table", "th", "time", "nav a", "[id]"], selector => Assert.NotEmpty(page.QuerySelectorAll(selector)));
        Assert.All(page.QuerySelectorAll("section"), section => Assert.Single(section.QuerySelectorAll("h2")));
        Assert.All(page.QuerySelectorAll("table"), table => Assert.Single(table.QuerySelectorAll("caption")));
        Assert.All(page.QuerySelectorAll("th"), header => Assert.True(header.HasAttribute("scope")));
        Assert.All(page.QuerySelectorAll("time"), time => Assert.EndsWith("Z", time.GetAttribute("datetime"), StringComparison.Ordinal));
        Assert.All(page.QuerySelectorAll("nav a"), link => Assert.NotNull(page.QuerySelector(link.GetAttribute("href")!)));
        Assert.Distinct(page.QuerySelectorAll("[id]").Select(element => element.Id));
    }

    private static IDocument Parse(string html) => new HtmlParser().ParseDocument(html);

    private static string Shape(IElement element) => element.LocalName + " " + string.Join(' ', element.Attributes.Select(attribute => attribute.Name));
}
