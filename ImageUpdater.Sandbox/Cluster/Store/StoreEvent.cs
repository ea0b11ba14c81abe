namespace ImageUpdater.Sandbox.Cluster.Store;

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One change of the store. A deletion's object carries the resourceVersion of the deletion.</summary>
internal sealed record StoreEvent(ChangeType Type, StoredObject Object, StoredObject? Previous)
{
    public long Revision => Object.ResourceVersion;
}
