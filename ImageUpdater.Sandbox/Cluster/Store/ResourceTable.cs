using System.Threading.Channels;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>One change of the store. A deletion's object carries the resourceVersion of the deletion.</summary>
internal sealed record StoreEvent(StoredObject Object, StoredObject? Previous, bool Deleted);

/// <summary>A subscription to all changes of a kind from a revision on. A null change means that a bookmark is due.</summary>
internal sealed class Watch(Action<Watch> ended) : IDisposable
{
    public Channel<StoreEvent?> Changes { get; } = Channel.CreateUnbounded<StoreEvent?>(new UnboundedChannelOptions { SingleReader = true });

    public void Dispose() => ended(this);
}

/// <summary>The objects of one kind, their recent changes, and their watches. Used under the store's lock.</summary>
internal sealed class ResourceTable
{
    /// <summary>How many changes back a watch can start.</summary>
    private const int HistoryLimit = 10_000;

    private readonly SortedDictionary<string, StoredObject> objects = new(StringComparer.Ordinal);
    private readonly Queue<StoreEvent> history = new();
    private readonly List<Watch> watches = [];
    private long oldest;

    public IEnumerable<StoredObject> All => objects.Values;

    public StoredObject? Find(ObjectKey key) => objects.GetValueOrDefault(PathOf(key));

    public void Apply(StoreEvent change)
    {
        if (change.Deleted) objects.Remove(PathOf(change.Object.Key));
        else objects[PathOf(change.Object.Key)] = change.Object;
        history.Enqueue(change);
        if (history.Count > HistoryLimit) oldest = history.Dequeue().Object.Revision;
        foreach (var watch in watches) watch.Changes.Writer.TryWrite(change);
    }

    public Watch? Subscribe(long since, Action<Watch> ended)
    {
        if (since < oldest) return null;
        var watch = new Watch(ended);
        foreach (var change in history.Where(change => change.Object.Revision > since)) watch.Changes.Writer.TryWrite(change);
        watches.Add(watch);
        return watch;
    }

    public void Unsubscribe(Watch watch) => watches.Remove(watch);

    /// <summary>Orders objects as etcd does: by namespace, then name, separated by a slash.</summary>
    private static string PathOf(ObjectKey key) => $"{key.Namespace}/{key.Name}";
}
