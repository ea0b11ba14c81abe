using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

public sealed class AuditReportRendererTests
{
    private static readonly AuditReport Week = AuditReport.Of(Samples.Week());
    private static readonly AuditReport Empty = AuditReport.Of(Samples.Empty());

    [Fact]
    public void Html_Week_IsTheGoldenFile() => Golden.Check("report.html", AuditReportRenderer.Html(Week));

    [Fact]
    public void Html_EmptyPeriod_IsTheGoldenFile() => Golden.Check("report-empty.html", AuditReportRenderer.Html(Empty));

    [Fact]
    public void Markdown_Week_IsTheGoldenFile() => Golden.Check("report.md", AuditReportRenderer.Markdown(Week));

    [Fact]
    public void Markdown_EmptyPeriod_IsTheGoldenFile() => Golden.Check("report-empty.md", AuditReportRenderer.Markdown(Empty));

    [Fact]
    public void Json_Week_IsTheGoldenFile() => Golden.Check("report.json", AuditReportRenderer.Json(Week));
}
