using ImageUpdater.Host.Metrics;

namespace ImageUpdater.Host.Observing;

/// <summary>The registries that were not waited for in the newest cycle, for its warnings, readiness and the metrics. Thread-safe.</summary>
internal sealed class LateRegistries(Instruments instruments)
{
    private readonly Lock gate = new();
    private readonly SortedSet<string> late = new(StringComparer.Ordinal);

    // Those of the cycle before: while a cycle waits for the registries, it does not know yet which are late.
    private IReadOnlyList<string> before = [];

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (gate)
                return [.. before.Union(late).Order(StringComparer.Ordinal)];
        }
    }

    public void NewCycle()
    {
        lock (gate)
        {
            before = [.. late];
            late.Clear();
        }
    }

    /// <summary>The cycle has waited for the registries.</summary>
    public void Observed()
    {
        lock (gate)
            before = [];
    }

    /// <summary>Counts each registry once per cycle.</summary>
    public void Add(IEnumerable<string> registries)
    {
        lock (gate)
        {
            foreach (var registry in registries.Where(late.Add))
                instruments.RegistryLate(registry);
        }
    }

    // Without numbers, which would make it another warning in every cycle.
    public IEnumerable<string> Warnings() => Names.Select(registry =>
        $"registry {registry} has not answered for some images; restarts for them wait until it does, and images of other registries are not affected. To see its answer, run image-updater resolve IMAGE");
}
