using System.Text;

namespace ImageUpdater.Host.Metrics;

/// <summary>docs/metrics.md, made from the catalogs.</summary>
internal static class MetricsDocument
{
    public static string Write()
    {
        var text = new StringBuilder(
            """
            # Metrics

            `run` serves them at `/metrics`, port 8080, in Prometheus' text format 0.0.4. This page is made from the code
            (`UPDATE_DOCS=1 dotnet test --filter FullyQualifiedName~MetricsDocument`); a test fails where it differs.

            No label has images, digests or names of workloads as values. A metric keeps 1,000 series; what is measured beyond that counts in one
            series whose labels all say `other`. Counters are there from the start, with 0, for all values of their labels; those by registry, and
            histograms, once something was measured.

            With `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` set they are sent to an OpenTelemetry collector too:
            ImageUpdater's under the same names, and the runtime's under those of .NET. A collector that can't be reached is a warning in the log,
            once, and nothing else suffers.

            ## ImageUpdater


            """);
        Table(text, MetricCatalog.Own);
        text.Append("\n## Process and runtime\n\n");
        Table(text, RuntimeCatalog.All);
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
