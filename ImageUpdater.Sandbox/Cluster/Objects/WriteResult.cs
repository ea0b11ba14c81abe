using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>The object as it is stored now (or was, when it went), or why nothing was written.</summary>
internal readonly record struct WriteResult(StoredObject? Object, ApiStatus? Failure)
{
    public bool Removed { get; init; }

    public static implicit operator WriteResult(StoredObject stored) => new(stored, null);

    public static implicit operator WriteResult(ApiStatus failure) => new(null, failure);
}
