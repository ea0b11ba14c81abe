
namespace ImageUpdater.Sandbox;

/// <summary>The faults of one server. They can be changed while it serves.</summary>
public sealed class FaultSet<TFault>
    where TFault : Fault
{
    private readonly Lock gate = new();
    private readonly List<Entry> entries = [];
    private readonly Random random;
    private volatile bool any;

    internal FaultSet(int seed) => random = new Random(seed);

    public IReadOnlyList<TFault> All
    {
        get
        {
            lock (gate) return [.. entries.Select(entry => entry.Fault)];
        }
    }

    /// <summary>Disposing the answer takes the fault away again.</summary>
    public IDisposable Add(TFault fault)
    {
        var entry = new Entry(this, fault);
        lock (gate)
        {
            entries.Add(entry);
            any = true;
        }

        return entry;
    }

    public void Clear()
    {
        lock (gate)
        {
            entries.Clear();
            any = false;
        }
    }

    /// <summary>The fault that hits this request, or null. A hit uses up one of the fault's times.</summary>
    internal TFault? Take(HttpRequest request)
    {
        if (!any) return null;
        lock (gate)
        {
            foreach (Entry entry in entries)
            {
                if (!entry.Fault.Matches(request)) continue;
                if (entry.Fault.Percent < 100 && random.NextDouble() * 100 >= entry.Fault.Percent) continue;
                if (--entry.Left == 0) Remove(entry);
                return entry.Fault;
            }
        }

        return null;
    }

    private void Remove(Entry entry)
    {
        lock (gate)
        {
            entries.Remove(entry);
            any = entries.Count > 0;
        }
    }

    private sealed class Entry(FaultSet<TFault> set, TFault fault) : IDisposable
    {
        public TFault Fault { get; } = fault;

        public int Left { get; set; } = fault.Times ?? -1;

        public void Dispose() => set.Remove(this);
    }
}
