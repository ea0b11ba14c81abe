using Prometheus;

namespace ImageUpdater.Host.Metrics;

/// <summary>A prometheus-net registry without the library's default metrics, which keeps a description of each metric for docs/metrics.md.</summary>
internal sealed class MetricRegistry
{
    private readonly CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly MetricFactory factory;
    private readonly List<Metric> all = [];

    public MetricRegistry()
    {
        // By default the library adds trace ids as exemplars.
        factory = Prometheus.Metrics.WithCustomRegistry(registry);
        factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
    }

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<Metric> All => all;

    /// <summary>A counter with labels. The known series start at 0, because <c>increase()</c> does not see a series that starts at 1.</summary>
    public Counter Counter(string name, string unit, string help, string[] labels, IEnumerable<string[]> known)
    {
        var counter = factory.CreateCounter(name, help, labels);
        foreach (var values in known)
            counter.WithLabels(values);
        return Describe(counter, MetricType.Counter, unit);
    }

    public Counter Counter(string name, string unit, string help) => Describe(factory.CreateCounter(name, help), MetricType.Counter, unit);

    /// <summary>A gauge that is not exported until it is set, so that a scrape before that does not read 0.</summary>
    public Gauge Gauge(string name, string unit, string help, params string[] labels) =>
        Describe(factory.CreateGauge(name, help, labels, new GaugeConfiguration { SuppressInitialValue = true }), MetricType.Gauge, unit);

    /// <summary>A histogram that is not exported until it has an observation.</summary>
    /// <param name="buckets">Upper bounds in seconds, ascending, without +Inf.</param>
    public Histogram Seconds(string name, string help, double[] buckets, params string[] labels) => Describe(
        factory.CreateHistogram(name, help, labels, new HistogramConfiguration { Buckets = buckets, SuppressInitialValue = true }), MetricType.Histogram, "seconds");

    /// <summary>Serves the metrics in Prometheus' text format or OpenMetrics, depending on the request's Accept header.</summary>
    /// <param name="refresh">
    /// Called before each response. The library's own callbacks swallow exceptions; here they are handled like any other.
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
