namespace ImageUpdater.Sandbox;

/// <summary>The faults of one server. They can be changed while it runs.</summary>
public sealed class FaultSet<TFault>
    where TFault : Fault
{
    private readonly Lock gate = new();
    private readonly List<Entry> entries = [];
    private readonly Random random;

    internal FaultSet(int seed) => random = new Random(seed);

    public IReadOnlyList<TFault> All
    {
        get
        {
            lock (gate) return [.. entries.Select(entry => entry.Fault)];
        }
    }

    /// <summary>Adds a fault. Dispose the result to remove it.</summary>
    public IDisposable Add(TFault fault)
    {
        var entry = new Entry(this, fault);
        lock (gate) entries.Add(entry);
        return entry;
    }

    public void Clear()
    {
        lock (gate) entries.Clear();
    }

    /// <summary>The fault that applies to this request, or null. Decrements the fault's remaining times.</summary>
    internal TFault? Take(HttpRequest request)
    {
        lock (gate)
        {
            var hit = entries.Find(entry =>
                entry.Fault.Matches(request) && (entry.Fault.Percent >= 100 || random.NextDouble() * 100 < entry.Fault.Percent));
            if (hit is not null && --hit.Left == 0) entries.Remove(hit);
            return hit?.Fault;
        }
    }

    private void Remove(Entry entry)
    {
        lock (gate) entries.Remove(entry);
    }

    private sealed class Entry(FaultSet<TFault> set, TFault fault) : IDisposable
    {
        public TFault Fault { get; } = fault;

        public int Left { get; set; } = fault.Times ?? -1;

        public void Dispose() => set.Remove(this);
    }
}
