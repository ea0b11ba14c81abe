using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

public sealed class PlanMarkdownTests
{
    [Fact]
    public void Write_Plan_IsTheGoldenFile() => Golden.Check("plan.md", PlanMarkdown.Write("plan-1", Samples.Plan()));
}
