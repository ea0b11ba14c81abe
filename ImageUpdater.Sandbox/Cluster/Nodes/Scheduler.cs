using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>Assigns pods to nodes round-robin. Node selectors are ignored.</summary>
internal sealed class Scheduler(ObjectStore store)
{
    private int turn;

    public IReadOnlyList<string> Nodes => [.. store.List(ResourceKind.Nodes).Objects.Select(node => node.Key.Name)];

    public string? Choose()
    {
        var nodes = Nodes;
        return nodes.Count == 0 ? null : nodes[(int)((uint)Interlocked.Increment(ref turn) % nodes.Count)];
    }
}
