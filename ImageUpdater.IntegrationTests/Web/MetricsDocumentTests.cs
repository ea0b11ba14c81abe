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
}
