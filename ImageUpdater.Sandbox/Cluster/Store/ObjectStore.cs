using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>
/// All objects, with one revision counter and one lock. It does not interpret objects: the rules are in
/// <see cref="Writing.ObjectWriter"/>.
/// </summary>
internal sealed class ObjectStore
{
    private readonly Dictionary<ResourceKind, ResourceTable> tables = ResourceKind.All.ToDictionary(kind => kind, _ => new ResourceTable());
    private readonly Dictionary<ObjectKey, SortedDictionary<string, StoredObject>> byOwner = [];
    private long revision;

    /// <summary>Held by callers across a read, a decision and a write.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Called under the lock, in the order of revisions. Must return quickly.</summary>
    public Action<StoreEvent>? Changed { get; set; }

    public StoredObject? Find(ObjectKey key)
    {
        lock (Gate) return tables[key.Kind].Find(key);
    }

    /// <summary>The objects of a kind as of one revision, by namespace and name.</summary>
    public (List<StoredObject> Objects, long Revision) List(ResourceKind kind, Func<StoredObject, bool>? filter = null)
    {
        lock (Gate) return ([.. tables[kind].All.Where(stored => filter is null || filter(stored))], revision);
    }

    /// <summary>The pods of a workload, and of earlier ones with the same name.</summary>
    public List<StoredObject> OwnedBy(ObjectKey workload)
    {
        lock (Gate) return byOwner.TryGetValue(workload, out var pods) ? [.. pods.Values] : [];
    }

    /// <summary>Stores a new object or a new version of one, under the lock.</summary>
    public StoredObject Put(ObjectKey key, JsonObject node) => Publish(key, node, deleted: false);

    /// <summary>Removes an object, under the lock. Watchers get its last state.</summary>
    public StoredObject Remove(ObjectKey key, JsonObject last) => Publish(key, last, deleted: true);

    /// <summary>A watch that starts right after a revision; null if the history no longer goes back that far.</summary>
    public Watch? Subscribe(ResourceKind kind, long since)
    {
        lock (Gate)
        {
            return tables[kind].Subscribe(since, ended =>
            {
                lock (Gate) tables[kind].Unsubscribe(ended);
            });
        }
    }

    private StoredObject Publish(ObjectKey key, JsonObject node, bool deleted)
    {
        node["metadata"]!["resourceVersion"] = (++revision).ToString();
        var change = new StoreEvent(new StoredObject(key, node), tables[key.Kind].Find(key), deleted);
        tables[key.Kind].Apply(change);
        if (change.Object.Owner is { } owner) Index(owner, change);
        Changed?.Invoke(change);
        return change.Object;
    }

    private void Index(ObjectKey owner, StoreEvent change)
    {
        if (!byOwner.TryGetValue(owner, out var pods)) byOwner[owner] = pods = new SortedDictionary<string, StoredObject>(StringComparer.Ordinal);
        if (!change.Deleted) pods[change.Object.Key.Name] = change.Object;
        else if (pods.Remove(change.Object.Key.Name) && pods.Count == 0) byOwner.Remove(owner);
    }
}
