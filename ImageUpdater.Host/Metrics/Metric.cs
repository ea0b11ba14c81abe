namespace ImageUpdater.Host.Metrics;

internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>What is known of a metric before anything is measured. Exposed metrics are those in <see cref="MetricCatalog"/>, and no others.</summary>
/// <param name="Name">As Prometheus sees it; for our own metrics the name of the instrument too.</param>
/// <param name="Unit">A base unit, or what is counted.</param>
/// <param name="Help">One sentence, also in docs/metrics.md.</param>
/// <param name="Labels">Each takes few values: none is made of images, digests or workloads.</param>
internal sealed record Metric(string Name, MetricType Type, string Unit, string Help, params string[] Labels)
{
    /// <summary>The unit in OpenTelemetry's words (UCUM). Whoever makes Prometheus' names of these again puts other words behind the name.</summary>
    public string InstrumentUnit => Unit switch
    {
        "seconds" or "seconds since 1970" => "s",
        "bytes" => "By",
        "1" or "0 or 1" => "",
        _ => $"{{{Unit}}}",
    };

    /// <summary>Upper bounds of a histogram, ascending, without the last, which is infinite.</summary>
    public double[] Buckets { get; init; } = [];
}
