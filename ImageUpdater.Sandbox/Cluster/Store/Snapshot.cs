using System.Collections.Immutable;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>All objects of a kind as of one revision. Later pages of a list are read from the first page's snapshot.</summary>
internal sealed record Snapshot(ImmutableSortedDictionary<string, StoredObject> Objects, long Revision);
