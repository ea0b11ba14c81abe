using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.Kubernetes.Watching;

/// <summary>What a line of a watch says.</summary>
internal static class WatchLines
{
    /// <param name="isKept">Of an object that has not been deleted.</param>
    /// <param name="map">Null when the object lacks what every stored object has.</param>
    /// <returns>Null when the line lacks what every line has.</returns>
    public static ItemChange<TItem>? ChangeOf<TObject, TItem>(WatchLine<TObject> line, Func<TObject, bool> isKept, Func<TObject, TItem?> map)
        where TObject : class, IWatchedObject
        where TItem : class
    {
        if (line is not { Type: { } type, Object: { ResourceVersion: { } version } told })
            return null;
        if (type == "BOOKMARK")
            return new ItemChange<TItem>(version, Uid: null, Item: null);
        if (told.Uid is not { } uid)
            return null;
        if (type == "DELETED" || !isKept(told))
            return new ItemChange<TItem>(version, uid, Item: null);
        return map(told) is { } item ? new ItemChange<TItem>(version, uid, item) : null;
    }

    /// <param name="status">The Status with which the server ends the watch.</param>
    public static KubernetesFailure ErrorOf(IWatchedObject? status) => new(
        status?.Code == 410 ? KubernetesFailureKind.Gone : KubernetesFailureKind.ServerError,
        $"the watch ended: {UntrustedText.Bound(status?.Message ?? "no reason given")}");
}
