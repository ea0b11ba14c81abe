using ImageUpdater.Core;
using Prometheus;

namespace ImageUpdater.Host.Metrics;

/// <summary>
/// The series of a counter or histogram with a registry label. Anyone who can create a workload can name registries, so that the number of
/// series and the length of names are limited. Thread-safe.
/// </summary>
internal sealed class RegistrySeries<TSeries>(Collector<TSeries> collector)
    where TSeries : ChildBase
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, TSeries> series = new(StringComparer.Ordinal);

    /// <param name="labels">In the order of the metric's labels.</param>
    public TSeries Of(params string[] labels)
    {
        var key = labels is [var only] ? only : string.Join('\0', labels);
        lock (gate)
        {
            if (series.TryGetValue(key, out var found))
                return found;
            if (series.Count >= RegistrySeries.Max)
                return collector.WithLabels([.. labels.Select(_ => RegistrySeries.Overflow)]);

            found = collector.WithLabels([.. labels.Select(label => UntrustedText.Bound(label))]);
            series.Add(key, found);
            return found;
        }
    }
}

/// <summary>The same for a gauge, whose series are removed when a registry is no longer in use.</summary>
internal sealed class RegistryGauge(Gauge gauge)
{
    private HashSet<string> shown = [];

    /// <summary>
    /// Exports these values and no others. Not thread-safe. A concurrent scrape sees each remaining series with its old or new value.
    /// </summary>
    public void Show(IEnumerable<(string Registry, double Value)> values)
    {
        var now = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (registry, value) in values)
        {
            var label = UntrustedText.Bound(registry);
            if (now.Count >= RegistrySeries.Max && !now.ContainsKey(label))
                label = RegistrySeries.Overflow;
            now[label] = now.GetValueOrDefault(label) + value;
        }

        foreach (var (label, value) in now)
            gauge.WithLabels(label).Set(value);
        foreach (var gone in shown.Where(label => !now.ContainsKey(label)))
            gauge.RemoveLabelled(gone);
        shown = [.. now.Keys];
    }
}

internal static class RegistrySeries
{
    public const int Max = 1000;

    /// <summary>The value of all labels of the series that counts everything beyond <see cref="Max"/>.</summary>
    public const string Overflow = "other";
}
