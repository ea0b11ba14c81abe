using System.Globalization;
using System.Text;

namespace ImageUpdater.Host.Metrics;

/// <summary>Prometheus' text format, 0.0.4. A metric without series is left out.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            var samples = family.Read();
            if (samples.Count == 0)
                continue;

            var metric = family.Metric;
            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(EscapeHelp(metric.Help)).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(TypeName(metric.Type)).Append('\n');
            foreach (var sample in samples)
            {
                if (metric.Type == MetricType.Histogram)
                    Histogram(text, metric, sample);
                else
                    Line(text, metric.Name, metric, sample, bound: null, sample.Value);
            }
        }

        return text.ToString();
    }

    private static void Histogram(StringBuilder text, Metric metric, Sample sample)
    {
        var count = 0L;
        for (var i = 0; i < sample.Buckets.Count; i++)
        {
            count += sample.Buckets[i];
            var bound = i < metric.Buckets.Length ? Number(metric.Buckets[i]) : "+Inf";
            Line(text, $"{metric.Name}_bucket", metric, sample, bound, count);
        }

        Line(text, $"{metric.Name}_sum", metric, sample, bound: null, sample.Value);
        Line(text, $"{metric.Name}_count", metric, sample, bound: null, count);
    }

    private static void Line(StringBuilder text, string name, Metric metric, Sample sample, string? bound, double value)
    {
        text.Append(name);
        var opened = false;
        for (var i = 0; i < metric.Labels.Length; i++)
            Label(metric.Labels[i], sample.Labels[i]);
        if (bound is not null)
            Label("le", bound);
        if (opened)
            text.Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');

        void Label(string label, string labelValue)
        {
            text.Append(opened ? ',' : '{').Append(label).Append("=\"").Append(EscapeLabel(labelValue)).Append('"');
            opened = true;
        }
    }

    private static string TypeName(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Gauge => "gauge",
        _ => "histogram",
    };

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string EscapeHelp(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeLabel(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
