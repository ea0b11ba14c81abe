using System.Text;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Watches: one JSON line per change, bookmarks where they are allowed, and a 410 in the stream when history is missing.</summary>
internal sealed class WatchHandler(ObjectStore store, TimeProvider time, TimeSpan bookmarkInterval)
{
    public async Task HandleAsync(HttpContext context, ApiTarget target, CancellationToken cancel)
    {
        IQueryCollection query = context.Request.Query;
        if (ObjectFilter.Parse(target, query, out ApiStatus? failure) is not { } filter)
        {
            await context.Response.WriteAsync(failure!);
            return;
        }

        context.Response.ContentType = Responses.Json;
        await context.Response.StartAsync(cancel);
        await context.Response.Body.FlushAsync(cancel);

        string asked = query["resourceVersion"].ToString();
        bool initial = query["sendInitialEvents"] == "true";
        bool fromNow = asked is "" or "0" || initial;
        Snapshot snapshot = store.Snapshot(target.Kind);
        long since = fromNow || !long.TryParse(asked, out long revision) ? snapshot.Revision : revision;
        using Watch? watch = store.Subscribe(target.Kind, since);
        var stream = new WatchStream(context.Response, target.Kind);
        if (watch is null)
        {
            await stream.ExpiredAsync($"too old resource version: {since} ({snapshot.Revision})", cancel);
            return;
        }

        if (fromNow && query["sendInitialEvents"] != "false")
        {
            foreach (StoredObject stored in snapshot.Objects.Values.Where(filter.Matches)) await stream.WriteAsync("ADDED"u8.ToArray(), stored, cancel);
            if (initial) await stream.BookmarkAsync(since, initialEnd: true, cancel);
            await stream.FlushAsync(cancel);
        }

        int seconds = int.TryParse(query["timeoutSeconds"], out int timeout) && timeout > 0 ? timeout : 1800;
        bool bookmarks = query["allowWatchBookmarks"] is [{ } allowed] && allowed is "true" or "1";
        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancel, ending.Token);
        try
        {
            await FollowAsync(watch, filter, stream, since, bookmarks, both.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            // The time that the client asked for is over: the stream ends in good order.
        }
    }

    private async Task FollowAsync(Watch watch, ObjectFilter filter, WatchStream stream, long since, bool bookmarks, CancellationToken cancel)
    {
        long seen = since;
        Task<bool>? waiting = null;
        while (true)
        {
            while (watch.Events.TryRead(out StoreEvent? change))
            {
                seen = change.Revision;
                if (TypeFor(change, filter) is { } type) await stream.WriteAsync(type, change.Object, cancel);
            }

            await stream.FlushAsync(cancel);
            waiting ??= watch.Events.WaitToReadAsync(cancel).AsTask();
            if (bookmarks && await Task.WhenAny(waiting, Task.Delay(bookmarkInterval, time, cancel)) != waiting)
            {
                cancel.ThrowIfCancellationRequested();
                await stream.BookmarkAsync(seen, initialEnd: false, cancel);
                continue;
            }

            if (!await waiting) break;
            waiting = null;
        }

        if (watch.Expired) await stream.ExpiredAsync("The resourceVersion for the provided watch is too old.", cancel);
    }

    /// <summary>An object that comes into a selector's view is added to it, one that leaves is deleted from it.</summary>
    private static byte[]? TypeFor(StoreEvent change, ObjectFilter filter)
    {
        bool before = change.Previous is not null && filter.Matches(change.Previous);
        bool now = change.Type != ChangeType.Deleted && filter.Matches(change.Object);
        return (before, now) switch
        {
            (false, true) => Added,
            (true, true) => Modified,
            (true, false) => Deleted,
            _ => null,
        };
    }

    private static readonly byte[] Added = Encoding.UTF8.GetBytes("ADDED");
    private static readonly byte[] Modified = Encoding.UTF8.GetBytes("MODIFIED");
    private static readonly byte[] Deleted = Encoding.UTF8.GetBytes("DELETED");
}
