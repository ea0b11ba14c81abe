using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Objects;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>Gives every namespace its default ServiceAccount, and empties one that is deleted.</summary>
internal sealed class NamespaceController(ObjectStore store, ObjectWriter writer, ObjectDeleter deleter, ClusterTiming timing)
{
    private readonly DelayedQueue<string> queue = new(timing.Time);

    public void Notice(StoreEvent change)
    {
        if (change.Object.Kind == ResourceKinds.Namespaces && change.Type != ChangeType.Deleted) queue.Add(change.Object.Name, TimeSpan.Zero);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            string name = await queue.TakeAsync(cancel);
            if (store.Find(ResourceKinds.Namespaces, "", name) is not { } ns) continue;
            if (!ns.Deleting) writer.Create(ResourceKinds.ServiceAccounts, name, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });
            else if (Empty(name) || store.Remove(ns) is null) queue.Add(name, timing.Retry);
        }
    }

    /// <summary>Deletes what is in the namespace; true while something is left.</summary>
    private bool Empty(string ns)
    {
        var left = false;
        foreach (ResourceKind kind in ResourceKinds.All.Where(kind => kind.Namespaced))
        {
            foreach (StoredObject stored in store.Snapshot(kind).Objects.Values.Where(stored => stored.Namespace == ns))
                left |= !deleter.Delete(kind, ns, stored.Name).Removed;
        }

        return left;
    }
}
