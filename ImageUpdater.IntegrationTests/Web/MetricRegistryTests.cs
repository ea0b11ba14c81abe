using System.Net;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>The required behaviour of prometheus-net, whose last release is from January 2024: a replacement must pass these tests too.</summary>
public sealed class MetricRegistryTests
{
    private readonly MetricRegistry metrics = new();

    [Fact]
    public async Task Map_OutsideTextInALabel_IsEscaped()
    {
        metrics.Gauge("test_things", "things", "Help.", "label").WithLabels("a\\b\"c\nd").Set(1.5);
        await using var served = await ServedMetrics.StartAsync(metrics);

        Assert.Equal(["test_things{label=\"a\\\\b\\\"c\\nd\"} 1.5"], await served.SamplesAsync());
    }

    [Fact]
    public async Task Map_Histogram_CountsUpToEachBound()
    {
        var histogram = metrics.Seconds("test_seconds", "Help.", [0.5, 1], "label");
        foreach (var value in (double[])[0.5, 0.75, 8])
            histogram.WithLabels("x").Observe(value);
        await using var served = await ServedMetrics.StartAsync(metrics);

        Assert.Equal(
            [
                "test_seconds_sum{label=\"x\"} 9.25",
                "test_seconds_count{label=\"x\"} 3",
                "test_seconds_bucket{label=\"x\",le=\"0.5\"} 1",
                "test_seconds_bucket{label=\"x\",le=\"1\"} 2",
                "test_seconds_bucket{label=\"x\",le=\"+Inf\"} 3",
            ],
            await served.SamplesAsync());
    }

    [Fact]
    public async Task Map_NothingMeasured_ShowsCountersAloneAndNothingOfTheLibrary()
    {
        metrics.Gauge("test_gauge", "things", "Help.");
        metrics.Seconds("test_seconds", "Help.", [1]);
        metrics.Counter("test_total", "things", "Help.");
        metrics.Counter("test_known_total", "things", "Help.", ["label"], [["x"], ["y"]]);
        await using var served = await ServedMetrics.StartAsync(metrics);

        Assert.Equal(["test_total 0", "test_known_total{label=\"x\"} 0", "test_known_total{label=\"y\"} 0"], await served.SamplesAsync());
    }

    /// <summary>The library's own callbacks would swallow the exception, and outdated values would be served.</summary>
    [Fact]
    public async Task Map_ABugInTheRefresh_IsNoAnswer()
    {
        metrics.Counter("test_total", "things", "Help.");
        await using var served = await ServedMetrics.StartAsync(metrics, () => throw new InvalidOperationException());

        using var answer = await served.AnswerAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }
}
