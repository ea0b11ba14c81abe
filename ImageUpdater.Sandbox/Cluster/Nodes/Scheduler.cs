using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>Assigns pods to nodes round-robin, honouring nodeSelector.</summary>
internal sealed class Scheduler(ObjectStore store)
{
    private int turn;

    public string? Choose(JsonObject? podSpec)
    {
        var eligible = Eligible(podSpec);
        return eligible.Count == 0 ? null : eligible[(int)((uint)Interlocked.Increment(ref turn) % eligible.Count)];
    }

    public List<string> Eligible(JsonObject? podSpec)
    {
        var wanted = podSpec.Map("nodeSelector");
        var nodes = store.List(ResourceKind.Nodes, node => wanted.All(pair => node.Labels.GetValueOrDefault(pair.Key) == pair.Value));
        return [.. nodes.Objects.Select(node => node.Key.Name)];
    }
}
