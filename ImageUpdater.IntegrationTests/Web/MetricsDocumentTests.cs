using ImageUpdater.Core.Plans;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class MetricsDocumentTests
{
    [Fact]
    public async Task MetricsDocument_InDocs_IsTheOneOfTheCode()
    {
        var path = Path.Combine(RepositoryRoot.Find(), "docs", "metrics.md");
        var written = MetricsDocument.Write();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(path, written);

        Assert.Equal(written, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public void Instruments_Names_FollowTheConventions()
    {
        using var instruments = new Instruments();
        var all = instruments.All;

        // For an existing name, the library silently returns the existing collector.
        Assert.Equal(all.Count, all.Select(metric => metric.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.True(all.Count(metric => metric.Name.StartsWith(MetricsDocument.OwnPrefix, StringComparison.Ordinal)) > 20);
        Assert.All(all, metric => Assert.Equal(metric.Type == MetricType.Counter, metric.Name.EndsWith("_total", StringComparison.Ordinal)));
        Assert.All(all, metric => Assert.DoesNotContain(metric.Labels, label => label is "image" or "digest" or "name" or "namespace" or "workload"));
        // The library does not escape help texts; OpenMetrics requires escaped quotes, and both formats a single line.
        Assert.All(all, metric => Assert.DoesNotContain(metric.Help, character => character is '\\' or '\n' or '"'));
    }

    [Fact]
    public void ActionOf_EveryReason_IsTheOneOfThePlanningPage()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Find(), "docs", "planning.md"));
        foreach (var reason in Enum.GetValues<DecisionReason>())
        {
            var action = LabelValues.ActionOf(reason) == ContainerAction.NoOp ? "nothing" : LabelValues.Of(LabelValues.ActionOf(reason));
            Assert.Contains($"\n| `{reason}` | {action} | ", page, StringComparison.Ordinal);
        }
    }
}
