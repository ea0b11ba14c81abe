using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>Puts pods on nodes in turn, wherever their nodeSelector lets them.</summary>
internal sealed class Scheduler(ObjectStore store)
{
    private int turn;

    public string? Choose(JsonObject? podSpec)
    {
        List<StoredObject> eligible = Eligible(podSpec);
        return eligible.Count == 0 ? null : eligible[(int)((uint)Interlocked.Increment(ref turn) % eligible.Count)].Name;
    }

    public List<StoredObject> Eligible(JsonObject? podSpec)
    {
        Dictionary<string, string> wanted = podSpec.Map("nodeSelector");
        return [.. store.Snapshot(ResourceKinds.Nodes).Objects.Values.Where(node =>
            !node.Deleting && wanted.All(pair => node.Labels.GetValueOrDefault(pair.Key) == pair.Value))];
    }
}
