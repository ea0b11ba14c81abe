namespace ImageUpdater.Host.Metrics;

internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>A row of docs/metrics.md.</summary>
/// <param name="Unit">A Prometheus base unit, or what is counted.</param>
/// <param name="Help">The description, also served as HELP.</param>
/// <param name="Labels">Labels of low cardinality: never images, digests or workload names.</param>
internal sealed record Metric(string Name, MetricType Type, string Unit, string Help, params IReadOnlyList<string> Labels);
