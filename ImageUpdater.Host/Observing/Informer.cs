using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Host.Observing;

/// <summary>
/// Lists objects once and keeps them up to date with a watch. While the watch is not live, the next read lists them again, so that a broken
/// watch costs one list.
/// </summary>
/// <param name="changed">Called after a change that may affect a decision.</param>
internal sealed partial class Informer<TItem>(Watched<TItem> watched, Action changed, TimeProvider time, ILogger logger) : IAsyncDisposable
    where TItem : class
{
    // HTTP/2 pings detect a broken connection. But a server may also wait silently for a resourceVersion that it will never reach, and some
    // send no bookmarks when nothing changes.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(5);

    // A watch that ends normally within this time failed without saying why, so that it is not reopened at once.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, TItem> known = new(StringComparer.Ordinal);
    private CancellationTokenSource ending = new();
    private Task following = Task.CompletedTask;
    private PassedOver passedOver = PassedOver.None;
    private string version = "";
    private bool isOpen;
    private bool isRefused;
    private long heard;

    /// <summary>Whether the watch is open and was not silent for too long, so that a read needs no list.</summary>
    public bool IsLive
    {
        get
        {
            lock (gate)
                return isOpen && time.GetElapsedTime(heard) < LongestSilence;
        }
    }

    /// <summary>The object as last seen by the watch; null if it is unknown or the watch is not live. Sends no request. Thread-safe.</summary>
    public TItem? Find(string uid)
    {
        lock (gate)
            return IsLive ? known.GetValueOrDefault(uid) : null;
    }

    /// <summary>Returns the current objects, with a list if the watch is not live. Not thread-safe.</summary>
    public async Task<Result<ItemList<TItem>, KubernetesFailure>> ReadAsync(CancellationToken cancellationToken)
    {
        if (Current() is { } current)
            return current;

        await StopAsync();
        ending.Dispose();
        ending = new CancellationTokenSource();
        var listed = await watched.ListAsync(cancellationToken);
        if (!listed.IsSuccess(out var list, out var failure))
            return failure;

        lock (gate)
        {
            known.Clear();
            foreach (var item in list.Items)
                known[watched.UidOf(item)] = item;
            (version, passedOver) = (list.Version, list.PassedOver);
        }

        following = FollowAsync(ending.Token);
        return list;
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        // A bug in the loop must not keep other informers from being disposed of.
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ending.Dispose();
    }

    private ItemList<TItem>? Current()
    {
        lock (gate)
            return IsLive ? new ItemList<TItem>([.. known.Values], version) { PassedOver = passedOver } : null;
    }

    // Awaiting the loop rethrows an exception from it, which is a bug, once.
    private async Task StopAsync()
    {
        await ending.CancelAsync();
        (var ended, following) = (following, Task.CompletedTask);
        await ended;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var broke = false;
        try
        {
            while (true)
            {
                var started = time.GetTimestamp();
                var failure = await watched.WatchAsync(version, Opened, Take, cancellationToken);
                var worked = time.GetElapsedTime(started) >= ShortestWatch;
                if (worked && failure is null)
                    continue;

                if (failure is not null)
                    Log(failure);
                broke = worked;
                return;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A new watch replaces it, or the process ends.
        }
        finally
        {
            lock (gate)
                isOpen = false;
            // Changes go unnoticed from now on: a cycle lists again. If the watch never works, each cycle lists anyway.
            if (broke)
                changed();
        }
    }

    private void Opened()
    {
        lock (gate)
            (isOpen, isRefused, heard) = (true, false, time.GetTimestamp());
    }

    private void Take(ItemChange<TItem> change)
    {
        bool isNews;
        lock (gate)
        {
            (version, heard) = (change.Version, time.GetTimestamp());
            if (change.Uid is null)
                return;

            var before = known.GetValueOrDefault(change.Uid);
            passedOver = change.ApplyTo(passedOver, wasKept: before is not null);
            if (change.Item is null)
                known.Remove(change.Uid);
            else
                known[change.Uid] = before is null ? change.Item : watched.Carry(before, change.Item);
            isNews = watched.IsNews(before, change.Item, known.Values);
        }

        if (isNews)
            changed();
    }

    // A missing permission is logged once until it is granted. Other failures are resolved by the next cycle's list.
    private void Log(KubernetesFailure failure)
    {
        if (failure.Kind != KubernetesFailureKind.Forbidden)
            Broken(watched.Name, failure.Message);
        else if (!isRefused)
            Refused(watched.Name, failure.Message);
        isRefused |= failure.Kind == KubernetesFailureKind.Forbidden;
    }

    [LoggerMessage(130, LogLevel.Debug, "The watch of {Things} ended and will be restarted with a list: {Reason}")]
    private partial void Broken(string things, string reason);

    [LoggerMessage(131, LogLevel.Warning, "Not allowed to watch {Things}; listing them in every cycle instead, so that changes are noticed later. Grant the verb watch: {Reason}")]
    private partial void Refused(string things, string reason);
}
