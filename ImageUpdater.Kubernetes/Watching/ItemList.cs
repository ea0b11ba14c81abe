namespace ImageUpdater.Kubernetes.Watching;

/// <summary>What is kept of a list.</summary>
/// <param name="Version">The resourceVersion of the list: a watch goes on from here.</param>
internal sealed record ItemList<TItem>(IReadOnlyList<TItem> Items, string Version)
    where TItem : class;

/// <summary>A change reported by a watch.</summary>
/// <param name="Version">How far the watch has come with it.</param>
/// <param name="Uid">Null for a bookmark, which has only a version.</param>
/// <param name="Item">Null when it is gone, or is not kept any more.</param>
internal sealed record ItemChange<TItem>(string Version, string? Uid, TItem? Item)
    where TItem : class;
