using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.Kubernetes.Watching;

/// <summary>The items of a list.</summary>
/// <param name="Version">The resourceVersion of the list, from which a watch can start.</param>
internal sealed record ItemList<TItem>(IReadOnlyList<TItem> Items, string Version)
    where TItem : class
{
    public PassedOver PassedOver { get; init; } = PassedOver.None;
}

/// <summary>A change reported by a watch.</summary>
/// <param name="Version">The resourceVersion from which a later watch can continue.</param>
/// <param name="Uid">Null for a bookmark, which has only a version.</param>
/// <param name="Item">Null if the object was deleted or no longer matches, for example is no longer enabled.</param>
internal sealed record ItemChange<TItem>(string Version, string? Uid, TItem? Item)
    where TItem : class
{
    public bool IsAdded { get; init; }

    public bool IsDeleted { get; init; }

    /// <summary>Why the object does not match although it was probably meant to; null if it was not, or matches.</summary>
    public EnablingMistake? Mistake { get; init; }

    /// <param name="wasKept">The object matched before.</param>
    public PassedOver ApplyTo(PassedOver before, bool wasKept) =>
        Uid is null ? before : before.After(Uid, was: !IsAdded && !wasKept, isNow: !IsDeleted && Item is null, Mistake);
}
