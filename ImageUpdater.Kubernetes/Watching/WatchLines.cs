using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.Kubernetes.Watching;

/// <summary>Interprets watch events.</summary>
internal static class WatchLines
{
    /// <param name="isKept">Whether an object that was added or modified matches.</param>
    /// <param name="map">Returns null for an object that lacks a required field.</param>
    /// <param name="mistakeOf">Why an object that does not match was probably meant to.</param>
    /// <returns>Null if the event lacks a required field.</returns>
    public static ItemChange<TItem>? ChangeOf<TObject, TItem>(
        WatchLine<TObject> line, Func<TObject, bool> isKept, Func<TObject, TItem?> map, Func<TObject, EnablingMistake?>? mistakeOf = null)
        where TObject : class, IWatchedObject
        where TItem : class
    {
        if (line is not { Type: { } type, Object: { ResourceVersion: { } version } told })
            return null;
        if (type == "BOOKMARK")
            return new ItemChange<TItem>(version, Uid: null, Item: null);
        if (told.Uid is not { } uid)
            return null;
        if (type == "DELETED")
            return new ItemChange<TItem>(version, uid, Item: null) { IsDeleted = true };
        if (!isKept(told))
            return new ItemChange<TItem>(version, uid, Item: null) { IsAdded = type == "ADDED", Mistake = mistakeOf?.Invoke(told) };
        return map(told) is { } item ? new ItemChange<TItem>(version, uid, item) { IsAdded = type == "ADDED" } : null;
    }

    /// <param name="status">The object of the ERROR event.</param>
    public static KubernetesFailure ErrorOf(IWatchedObject? status) => new(
        status?.Code == 410 ? KubernetesFailureKind.Gone : KubernetesFailureKind.ServerError,
        $"the watch ended: {UntrustedText.Bound(status?.Message ?? "no reason given")}");
}
