using ImageUpdater.Core;
using ImageUpdater.Host.Metrics;
using Prometheus;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class RegistrySeriesTests
{
    private readonly MetricRegistry metrics = new();

    [Fact]
    public void Of_MoreSeriesThanAllowed_CountsTheRestAsOther()
    {
        var counter = metrics.Counter("test_total", "requests", "Help.", ["registry", "code"], known: []);
        var series = new RegistrySeries<Counter.Child>(counter);
        for (var i = 0; i < RegistrySeries.Max + 7; i++)
            series.Of($"registry-{i}", "200").Inc();
        series.Of("registry-0", "200").Inc();

        Assert.Equal(RegistrySeries.Max + 1, counter.GetAllLabelValues().Count());
        Assert.Equal(7, counter.WithLabels("other", "other").Value);
        Assert.Equal(2, counter.WithLabels("registry-0", "200").Value);
    }

    [Fact]
    public void Of_AVeryLongName_IsCut()
    {
        var counter = metrics.Counter("test_total", "requests", "Help.", ["registry", "code"], known: []);

        new RegistrySeries<Counter.Child>(counter).Of(new string('a', 4000), "200").Inc();

        Assert.Equal(UntrustedText.MaxLength, Assert.Single(counter.GetAllLabelValues())[0].Length);
    }

    [Fact]
    public void Show_RegistriesThatVanish_AreForgotten()
    {
        var gauge = metrics.Gauge("test_images", "images", "Help.", "registry");
        var shown = new RegistryGauge(gauge);

        shown.Show([("a", 1), ("b", 2)]);
        shown.Show([("b", 3), ("c", 4)]);

        Assert.Equal(["b", "c"], gauge.GetAllLabelValues().Select(labels => labels[0]).Order(StringComparer.Ordinal));
        Assert.Equal(3, gauge.WithLabels("b").Value);
    }

    [Fact]
    public void Show_MoreRegistriesThanAllowed_AddsTheRestUpAsOther()
    {
        var gauge = metrics.Gauge("test_images", "images", "Help.", "registry");

        new RegistryGauge(gauge).Show(Enumerable.Range(0, RegistrySeries.Max + 7).Select(i => ($"registry-{i}", 2.0)));

        Assert.Equal(RegistrySeries.Max + 1, gauge.GetAllLabelValues().Count());
        Assert.Equal(14, gauge.WithLabels("other").Value);
    }

    [Fact]
    public async Task Show_WhileSomebodyScrapes_NeverMissesASeriesThatStays()
    {
        var shown = new RegistryGauge(metrics.Gauge("test_images", "images", "Help.", "registry"));
        shown.Show([("stays", 5)]);
        await using var served = await ServedMetrics.StartAsync(metrics);
        using var end = new CancellationTokenSource();
        var showing = Task.Run(() =>
        {
            for (var i = 0; !end.IsCancellationRequested; i++)
                shown.Show(i % 2 == 0 ? [("stays", 5), ("comes and goes", 6)] : [("stays", 5)]);
        });

        for (var scrape = 0; scrape < 200; scrape++)
        {
            var samples = await served.SamplesAsync();
            Assert.Contains("test_images{registry=\"stays\"} 5", samples);
            Assert.DoesNotContain("test_images{registry=\"comes and goes\"} 0", samples);
        }

        await end.CancelAsync();
        await showing;
    }
}
