using System.Diagnostics.Metrics;

namespace ImageUpdater.Host.Metrics;

/// <summary>Listens to our instruments and the runtime's, and adds up what they measure until somebody scrapes.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly Lock scraping = new();
    private readonly Dictionary<string, MetricFamily> families;
    private readonly MetricFamily[] ordered;

    public MetricsCollector()
    {
        ordered = [.. MetricCatalog.Own.Concat(RuntimeCatalog.All).OrderBy(metric => metric.Name, StringComparer.Ordinal).Select(metric => new MetricFamily(metric))];
        families = ordered.ToDictionary(family => family.Metric.Name, StringComparer.Ordinal);
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (Bind(instrument) is { } binding)
                listener.EnableMeasurementEvents(instrument, binding);
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        listener.Start();
        Instruments.Seed();
    }

    /// <summary>The metrics as they are now. One scrape at a time: the observed ones are put together anew for each.</summary>
    public string Scrape()
    {
        lock (scraping)
        {
            foreach (var family in ordered)
            {
                if (family.IsObserved)
                    family.Clear();
            }

            listener.RecordObservableInstruments();
            return PrometheusText.Write(ordered);
        }
    }

    public void Dispose() => listener.Dispose();

    private Binding? Bind(Instrument instrument)
    {
        MetricFamily? family = null;
        string[] tags = [];
        if (instrument.Meter.Name == RuntimeCatalog.MeterName && RuntimeCatalog.ByInstrument.TryGetValue(instrument.Name, out var runtime))
            (family, tags) = (families[runtime.Metric.Name], runtime.Tags);
        else if (instrument.Meter.Name == Instruments.MeterName && families.TryGetValue(instrument.Name, out family))
            tags = family.Metric.Labels;

        if (family is null)
            return null;
        family.IsObserved |= instrument.IsObservable;
        return new Binding(family, tags);
    }

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var binding = (Binding)state!;
        var labels = binding.Tags.Length == 0 ? [] : new string[binding.Tags.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = "";
            foreach (var (key, text) in tags)
            {
                if (key == binding.Tags[i])
                    labels[i] = text as string ?? text?.ToString() ?? "";
            }
        }

        binding.Family.Add(value, labels);
    }

    private sealed record Binding(MetricFamily Family, string[] Tags);
}
