namespace ImageUpdater.Host.Metrics;

internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>What docs/metrics.md says of a metric.</summary>
/// <param name="Unit">A base unit, or what is counted.</param>
/// <param name="Help">One message, served as its HELP too.</param>
/// <param name="Labels">Each takes few values: none is made of images, digests or workloads.</param>
internal sealed record Metric(string Name, MetricType Type, string Unit, string Help, params IReadOnlyList<string> Labels);
