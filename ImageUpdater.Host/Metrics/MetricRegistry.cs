using Prometheus;

namespace ImageUpdater.Host.Metrics;

/// <summary>A registry of prometheus-net's of our own: with what is made here, described as it is made, and without the library's own metrics.</summary>
internal sealed class MetricRegistry
{
    private readonly CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly MetricFactory factory;
    private readonly List<Metric> all = [];

    public MetricRegistry()
    {
        // The library would hang the ids of traces on what is counted.
        factory = Prometheus.Metrics.WithCustomRegistry(registry);
        factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
    }

    /// <summary>In the order in which they were made.</summary>
    public IReadOnlyList<Metric> All => all;

    /// <summary>A counter of several series, of which those with known labels begin at 0: from nothing to 1 is no increase that Prometheus would see.</summary>
    public Counter Counter(string name, string unit, string help, string[] labels, IEnumerable<string[]> known)
    {
        var counter = factory.CreateCounter(name, help, labels);
        foreach (var values in known)
            counter.WithLabels(values);
        return Describe(counter, MetricType.Counter, unit);
    }

    public Counter Counter(string name, string unit, string help) => Describe(factory.CreateCounter(name, help), MetricType.Counter, unit);

    /// <summary>Without series until it has a value: who scrapes in between is not to read 0.</summary>
    public Gauge Gauge(string name, string unit, string help, params string[] labels) =>
        Describe(factory.CreateGauge(name, help, labels, new GaugeConfiguration { SuppressInitialValue = true }), MetricType.Gauge, unit);

    /// <summary>Without series until something was measured.</summary>
    /// <param name="buckets">Upper bounds in seconds, ascending, without the last, which is infinite.</param>
    public Histogram Seconds(string name, string help, double[] buckets, params string[] labels) => Describe(
        factory.CreateHistogram(name, help, labels, new HistogramConfiguration { Buckets = buckets, SuppressInitialValue = true }), MetricType.Histogram, "seconds");

    /// <summary>Serves them, in Prometheus' text format or in OpenMetrics', as the request wants it.</summary>
    /// <param name="refresh">
    /// Called before each answer. The library has callbacks for that, but keeps to itself what they throw; here it is a bug like any other.
    /// </param>
    public void Map(IEndpointRouteBuilder app, string path, string[] methods, Action refresh)
    {
        var endpoint = app.MapMetrics(settings => settings.Registry = registry, path);
        endpoint.WithMetadata(new HttpMethodMetadata(methods));
        endpoint.Add(built =>
        {
            var serve = built.RequestDelegate!;
            built.RequestDelegate = context =>
            {
                refresh();
                return serve(context);
            };
        });
    }

    private TCollector Describe<TCollector>(TCollector collector, MetricType type, string unit)
        where TCollector : Collector
    {
        all.Add(new Metric(collector.Name, type, unit, collector.Help, collector.LabelNames));
        return collector;
    }
}
