using ImageUpdater.Core.Planning;
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
    public void Catalogs_Names_FollowTheConventions()
    {
        var all = MetricCatalog.Own.Concat(RuntimeCatalog.All).ToList();
        Assert.Equal(all.Count, all.Select(metric => metric.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(MetricCatalog.Own, metric => Assert.StartsWith("image_updater_", metric.Name, StringComparison.Ordinal));
        Assert.All(all, metric => Assert.Equal(metric.Type == MetricType.Counter, metric.Name.EndsWith("_total", StringComparison.Ordinal)));
        Assert.All(all, metric => Assert.DoesNotContain(metric.Labels, label => label is "image" or "digest" or "name" or "namespace" or "workload"));
        Assert.All(all, metric => Assert.Equal(metric.Buckets.Order(), metric.Buckets));
    }

    /// <summary>OpenTelemetry's units are UCUM's; whoever makes Prometheus' names from them puts others behind the name.</summary>
    [Fact]
    public void Catalogs_UnitsOfInstruments_AreThoseThatCollectorsKnow() => Assert.All(
        MetricCatalog.Own, metric => Assert.True(metric.InstrumentUnit is "" or "s" or "By" || metric.InstrumentUnit is ['{', .., '}'], $"{metric.Name}: {metric.InstrumentUnit}"));

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
