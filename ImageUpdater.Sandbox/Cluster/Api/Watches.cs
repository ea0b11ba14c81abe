using System.Text;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Http;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Serves watches: one JSON line per change, bookmarks if the client allows them, and a 410 in the stream if the history is too short.</summary>
internal sealed class Watches(ObjectStore store, TimeProvider time)
{
    private static readonly TimeSpan BetweenBookmarks = TimeSpan.FromMinutes(1);

    public async Task HandleAsync(HttpContext context, ResourceKind kind, ObjectFilter filter, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        context.Response.ContentType = JsonAnswers.Json;
        await context.Response.StartAsync(cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);

        var (there, now) = store.List(kind, filter.Matches);
        // kubectl since 1.35 waits for the bookmark that ends the initial events.
        var endsInitialEvents = query["sendInitialEvents"].ToString() is "true" or "1";
        var whole = endsInitialEvents || query["resourceVersion"].ToString() is "" or "0";
        var since = !whole && long.TryParse(query["resourceVersion"], out var revision) ? revision : now;
        using var watch = store.Subscribe(kind, since);
        if (watch is null)
        {
            var expired = ApiStatus.Expired($"too old resource version: {since} ({now})").ToJson().ToJsonString();
            await SendAsync("ERROR", Encoding.UTF8.GetBytes(expired), cancellationToken);
            return;
        }

        var metadataAlone = PartialMetadata.IsWanted(context.Request);
        foreach (var stored in whole ? there : []) await SendAsync("ADDED", Shown(stored), cancellationToken);
        if (endsInitialEvents)
            await SendAsync("BOOKMARK", Bookmark(kind, since, ""","annotations":{"k8s.io/initial-events-end":"true"}"""), cancellationToken);
        var seconds = int.TryParse(query["timeoutSeconds"], out var timeout) && timeout > 0 ? timeout : 1800;
        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending.Token);
        var pause = query["allowWatchBookmarks"].ToString() is "true" or "1" ? BetweenBookmarks : Timeout.InfiniteTimeSpan;
        await using var bookmarks = time.CreateTimer(_ => watch.Changes.Writer.TryWrite(null), state: null, pause, pause);
        try
        {
            await foreach (var change in watch.Changes.Reader.ReadAllAsync(both.Token))
            {
                since = change?.Object.Revision ?? since;
                if (change is null) await SendAsync("BOOKMARK", Bookmark(kind, since), both.Token);
                else if (TypeFor(change, filter) is { } type) await SendAsync(type, Shown(change.Object), both.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The client's timeoutSeconds have passed: the stream ends normally.
        }

        ReadOnlyMemory<byte> Shown(StoredObject stored) => metadataAlone ? PartialMetadata.Of(stored) : stored.Json;

        ValueTask SendAsync(string type, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
        {
            byte[] line = [.. Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), .. json.Span, .. "}\n"u8];
            return context.Response.Body.WriteAsync(line, cancellationToken);
        }
    }

    private static byte[] Bookmark(ResourceKind kind, long revision, string more = "") => Encoding.UTF8.GetBytes(
        $$$"""{"kind":"{{{kind.Kind}}}","apiVersion":"{{{kind.ApiVersion}}}","metadata":{"resourceVersion":"{{{revision}}}"{{{more}}}}}""");

    /// <summary>An object that starts to match the selector is ADDED; one that stops matching is DELETED.</summary>
    private static string? TypeFor(StoreEvent change, ObjectFilter filter) =>
        (change.Previous is not null && filter.Matches(change.Previous), !change.Deleted && filter.Matches(change.Object)) switch
        {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            _ => null,
        };
}
