using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>
/// All objects, one counter of revisions, one writer at a time. Reads take no lock. It knows nothing of what
/// objects mean: the rules are <see cref="Objects.ObjectWriter"/>'s.
/// </summary>
internal sealed class ObjectStore(int historyLimit)
{
    private readonly Lock gate = new();
    private readonly Dictionary<ResourceKind, ResourceTable> tables =
        ResourceKinds.All.ToDictionary(kind => kind, _ => new ResourceTable(historyLimit));

    private long revision;

    /// <summary>Called under the write lock, in the order of revisions: hand over and return.</summary>
    public Action<StoreEvent>? Changed { get; set; }

    public StoredObject? Find(ResourceKind kind, string ns, string name) =>
        tables[kind].Objects.GetValueOrDefault(StoredObject.KeyOf(ns, name));

    public Snapshot Snapshot(ResourceKind kind)
    {
        lock (gate) return new Snapshot(tables[kind].Objects, revision);
    }

    /// <summary>Stores a new object; null when one of that name is there.</summary>
    public StoredObject? Add(ResourceKind kind, JsonObject node)
    {
        lock (gate)
        {
            string key = StoredObject.KeyOf(node.Text("metadata", "namespace") ?? "", node.Text("metadata", "name")!);
            if (tables[kind].Objects.ContainsKey(key)) return null;
            return Publish(ChangeType.Added, kind, node, previous: null);
        }
    }

    /// <summary>Stores the next version; null when <paramref name="current"/> is no longer the current one.</summary>
    public StoredObject? Replace(StoredObject current, JsonObject node) => Write(ChangeType.Modified, current, node);

    /// <summary>Removes the object, in its last state where that differs; null when <paramref name="current"/> is no longer the current one.</summary>
    public StoredObject? Remove(StoredObject current, JsonObject? last = null) => Write(ChangeType.Deleted, current, last ?? current.Read());

    /// <summary>A watch that starts right after a revision; null when changes since then are no longer kept.</summary>
    public Watch? Subscribe(ResourceKind kind, long since)
    {
        lock (gate)
        {
            ResourceTable table = tables[kind];
            if (since < table.OldestRevision) return null;
            var watch = new Watch(ended =>
            {
                lock (gate) table.Unsubscribe(ended);
            });
            table.Subscribe(watch, since);
            return watch;
        }
    }

    /// <summary>Ends all watches, as a restart of the API server does; with <paramref name="compact"/> older revisions are gone too.</summary>
    public void EndWatches(bool compact)
    {
        lock (gate)
        {
            foreach (ResourceTable table in tables.Values)
            {
                if (compact) table.Forget(revision);
                table.EndWatches(compact);
            }
        }
    }

    private StoredObject? Write(ChangeType type, StoredObject current, JsonObject node)
    {
        lock (gate)
        {
            if (tables[current.Kind].Objects.GetValueOrDefault(current.Key) != current) return null;
            return Publish(type, current.Kind, node, current);
        }
    }

    private StoredObject Publish(ChangeType type, ResourceKind kind, JsonObject node, StoredObject? previous)
    {
        node["metadata"]!["resourceVersion"] = (++revision).ToString();
        var change = new StoreEvent(type, StoredObject.From(kind, node), previous);
        tables[kind].Apply(change);
        Changed?.Invoke(change);
        return change.Object;
    }
}
