using ImageUpdater.Host.Metrics;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Write_LabelsAndHelp_AreEscaped()
    {
        var family = new MetricFamily(new Metric("test_things", MetricType.Gauge, "things", "Line\nwith \\ and \"quotes\".", "label"));
        family.Add(1.5, ["a\\b\"c\nd"]);

        Assert.Equal(
            "# HELP test_things Line\\nwith \\\\ and \"quotes\".\n# TYPE test_things gauge\ntest_things{label=\"a\\\\b\\\"c\\nd\"} 1.5\n",
            PrometheusText.Write([family]));
    }

    [Fact]
    public void Write_Histogram_CountsUpToEachBound()
    {
        var family = new MetricFamily(new Metric("test_seconds", MetricType.Histogram, "seconds", "Help.", "label") { Buckets = [0.5, 1] });
        foreach (var value in (double[])[0.5, 0.75, 8])
            family.Add(value, ["x"]);

        Assert.Equal(
            """
            # HELP test_seconds Help.
            # TYPE test_seconds histogram
            test_seconds_bucket{label="x",le="0.5"} 1
            test_seconds_bucket{label="x",le="1"} 2
            test_seconds_bucket{label="x",le="+Inf"} 3
            test_seconds_sum{label="x"} 9.25
            test_seconds_count{label="x"} 3

            """,
            PrometheusText.Write([family]));
    }

    [Fact]
    public void Write_SeriesInAnyOrder_AreSortedAndThoseWithoutAreLeftOut()
    {
        var family = new MetricFamily(new Metric("test_total", MetricType.Counter, "things", "Help.", "one", "two"));
        family.Add(1, ["b", "x"]);
        family.Add(1, ["a", "y"]);
        family.Add(2, ["b", "x"]);

        Assert.Equal(
            "# HELP test_total Help.\n# TYPE test_total counter\ntest_total{one=\"a\",two=\"y\"} 1\ntest_total{one=\"b\",two=\"x\"} 3\n",
            PrometheusText.Write([family, new MetricFamily(MetricCatalog.Holds)]));
    }

    [Fact]
    public void Add_MoreSeriesThanAllowed_CountsTheRestAsOther()
    {
        var family = new MetricFamily(MetricCatalog.RegistryRequests);
        for (var i = 0; i < MetricFamily.MaxSeries + 7; i++)
            family.Add(1, [$"registry-{i}", "200"]);

        var samples = family.Read();
        Assert.Equal(MetricFamily.MaxSeries + 1, samples.Count);
        Assert.Equal(7, Assert.Single(samples, sample => sample.Labels[0] == "other").Value);
    }
}
