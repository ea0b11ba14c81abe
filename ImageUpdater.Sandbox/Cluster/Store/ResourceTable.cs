using System.Collections.Immutable;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>
/// The objects of one kind, the last changes of them, and who watches. Written under the store's lock;
/// <see cref="Objects"/> is read without it.
/// </summary>
internal sealed class ResourceTable(int historyLimit)
{
    private readonly Queue<StoreEvent> history = new();
    private ImmutableArray<Watch> watches = [];
    private volatile ImmutableSortedDictionary<string, StoredObject> objects =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, StoredObject> Objects => objects;

    /// <summary>A watch from an older revision than this has missed something.</summary>
    public long OldestRevision { get; private set; }

    public void Apply(StoreEvent change)
    {
        objects = change.Type == ChangeType.Deleted
            ? objects.Remove(change.Object.Key)
            : objects.SetItem(change.Object.Key, change.Object);
        history.Enqueue(change);
        if (history.Count > historyLimit) OldestRevision = history.Dequeue().Revision;
        foreach (Watch watch in watches) watch.Publish(change);
    }

    public void Subscribe(Watch watch, long since)
    {
        foreach (StoreEvent change in history)
        {
            if (change.Revision > since) watch.Publish(change);
        }

        watches = watches.Add(watch);
    }

    public void Unsubscribe(Watch watch) => watches = watches.Remove(watch);

    public void Forget(long now)
    {
        history.Clear();
        OldestRevision = now;
    }

    public void EndWatches(bool expired)
    {
        foreach (Watch watch in watches) watch.End(expired);
        watches = [];
    }
}
