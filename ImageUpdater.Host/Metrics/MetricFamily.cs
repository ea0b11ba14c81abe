namespace ImageUpdater.Host.Metrics;

/// <param name="Labels">Values, in the order of the metric's labels.</param>
/// <param name="Value">The sum of a histogram.</param>
/// <param name="Buckets">Of a histogram: measurements in each bucket alone, the infinite one last.</param>
internal sealed record Sample(IReadOnlyList<string> Labels, double Value, IReadOnlyList<long> Buckets);

/// <summary>The series of one metric. Any thread may record while another reads.</summary>
internal sealed class MetricFamily(Metric metric)
{
    /// <summary>Registries are named by whoever may write a workload: their number has an end here.</summary>
    public const int MaxSeries = 1000;

    private const string Overflow = "other";

    private readonly Lock gate = new();
    private readonly Dictionary<string, Series> series = new(StringComparer.Ordinal);

    public Metric Metric => metric;

    /// <summary>Its values are asked for at each scrape, and none is older.</summary>
    public bool IsObserved { get; set; }

    public void Add(double value, string[] labels)
    {
        lock (gate)
        {
            var found = Find(labels);
            found.Value += value;
            if (metric.Type == MetricType.Histogram)
                found.Buckets[BucketOf(value)]++;
        }
    }

    public void Clear()
    {
        lock (gate)
            series.Clear();
    }

    /// <summary>In a stable order: by label values.</summary>
    public IReadOnlyList<Sample> Read()
    {
        lock (gate)
        {
            return
            [
                .. series.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                    .Select(entry => new Sample(entry.Value.Labels, entry.Value.Value, [.. entry.Value.Buckets])),
            ];
        }
    }

    private Series Find(string[] labels)
    {
        var key = Key(labels);
        if (series.TryGetValue(key, out var found))
            return found;

        if (series.Count >= MaxSeries)
        {
            labels = [.. labels.Select(_ => Overflow)];
            key = Key(labels);
            if (series.TryGetValue(key, out found))
                return found;
        }

        found = new Series(labels, metric.Type == MetricType.Histogram ? metric.Buckets.Length + 1 : 0);
        series.Add(key, found);
        return found;
    }

    private static string Key(string[] labels) => labels is [var only] ? only : string.Join('\0', labels);

    private int BucketOf(double value)
    {
        var bucket = 0;
        while (bucket < metric.Buckets.Length && value > metric.Buckets[bucket])
            bucket++;
        return bucket;
    }

    private sealed class Series(string[] labels, int buckets)
    {
        public string[] Labels => labels;

        public double Value { get; set; }

        public long[] Buckets { get; } = new long[buckets];
    }
}
