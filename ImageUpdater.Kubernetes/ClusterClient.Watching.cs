using System.Text.Json.Serialization.Metadata;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Kubernetes;

internal sealed partial class ClusterClient
{
    // As in client-go's reflector: 5 to 10 minutes, random so that not all watches end at once. The server's own limit is 30 to 60 minutes.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan EndsLate = TimeSpan.FromSeconds(30);

    /// <summary>Watches the objects of a path until the server ends the watch or it fails. Does not retry.</summary>
    /// <param name="accepted">Value of the Accept header.</param>
    /// <param name="read">Returns null for an invalid line.</param>
    private async Task<KubernetesFailure?> WatchAsync<TObject, TItem>(
        string path, string version, JsonTypeInfo<WatchLine<TObject>> type, string accepted, Action opened, Func<WatchLine<TObject>, ItemChange<TItem>?> read,
        Action<ItemChange<TItem>> changed, CancellationToken cancellationToken)
        where TObject : class, IWatchedObject
        where TItem : class
    {
        var length = ShortestWatch * (1 + Random.Shared.NextDouble());
        var query = $"?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(version)}&timeoutSeconds={(int)length.TotalSeconds}";
        var watch = new ApiCall<WatchEnd>(HttpMethod.Get, path, async attempt =>
        {
            await foreach (var line in attempt.Api.StreamAsync(path + query, type, opened, attempt.Headers.Accepting(accepted), attempt.Token))
            {
                if (line is null)
                    return null;
                if (line.Type == "ERROR")
                    return new WatchEnd(WatchLines.ErrorOf(line.Object));
                if (read(line) is not { } change)
                    return new WatchEnd(Incomplete(path));
                changed(change);
            }

            return new WatchEnd(Failure: null);
        })
        {
            Timeout = length + EndsLate,
        };
        return (await calls.MakeOnceAsync(watch, cancellationToken)).IsSuccess(out var end, out var failure) ? end.Failure : failure;
    }

    private static string QueryOf(PageRequest page) => (page.Limit, page.Continue) switch
    {
        (null, _) => "",
        (var limit, null) => $"?limit={limit}",
        var (limit, next) => $"?limit={limit}&continue={Uri.EscapeDataString(next)}",
    };

    private static KubernetesFailure Incomplete(string path) =>
        new(KubernetesFailureKind.InvalidAnswer, $"invalid response from {path}: name, uid or resourceVersion is missing");

    /// <param name="Failure">Null if the server ended the watch normally.</param>
    private sealed record WatchEnd(KubernetesFailure? Failure);
}
