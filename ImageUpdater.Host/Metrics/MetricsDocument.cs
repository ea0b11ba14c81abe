using System.Text;

namespace ImageUpdater.Host.Metrics;

/// <summary>Writes docs/metrics.md from the instruments.</summary>
internal static class MetricsDocument
{
    /// <summary>Metrics of the process and the runtime have the names that Prometheus clients share, without this prefix.</summary>
    public const string OwnPrefix = "image_updater_";

    public static string Write()
    {
        using var instruments = new Instruments();
        var groups = instruments.All.ToLookup(metric => metric.Name.StartsWith(OwnPrefix, StringComparison.Ordinal));
        var text = new StringBuilder(
            """
            # Metrics

            `run` serves metrics at `/metrics`, port 8080, in Prometheus' text format 0.0.4, or in OpenMetrics 1.0.0 if the request's `Accept` header asks for
            it, as Prometheus' does. This page is generated from the code (`UPDATE_DOCS=1 dotnet test --filter FullyQualifiedName~MetricsDocument`); a test
            fails if it is out of date.

            No label has images, digests or names of workloads as values. A metric has at most 1,000 series; anything beyond that is counted in one
            series whose labels are all `other`. Counters are exported from the start, with 0, for all values of their labels; counters by registry, and
            histograms, once they have a value.

            ## OpenTelemetry

            The OpenTelemetry Collector scrapes the metrics with its `prometheus` receiver:

            ```yaml
            receivers:
              prometheus:
                config:
                  scrape_configs:
                    - job_name: image-updater
                      scrape_interval: 30s
                      static_configs:
                        - targets: ["image-updater.image-updater.svc:8080"]

            exporters:
              otlp:
                endpoint: otel-backend.example.com:4317

            service:
              pipelines:
                metrics:
                  receivers: [prometheus]
                  exporters: [otlp]
            ```

            The target is the chart's Service, here with release and namespace `image-updater`.

            ## ImageUpdater


            """);
        Table(text, groups[true]);
        text.Append("\n## Process and runtime\n\n");
        Table(text, groups[false]);
        text.Append(
            """

            ## Label values

            | label | values |
            |---|---|

            """);
        foreach (var (label, values) in LabelValues.Known)
            text.Append($"| {label} | {string.Join(", ", values.Select(value => $"`{value}`"))} |\n");
        return text.ToString();
    }

    private static void Table(StringBuilder text, IEnumerable<Metric> metrics)
    {
        text.Append("| name | type | unit | labels | meaning |\n|---|---|---|---|---|\n");
        foreach (var metric in metrics)
        {
            var labels = string.Join(", ", metric.Labels.Select(label => $"`{label}`"));
            text.Append($"| `{metric.Name}` | {metric.Type.ToString().ToLowerInvariant()} | {metric.Unit} | {labels} | {metric.Help} |\n");
        }
    }
}
