using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Host.Observing;

/// <summary>
/// What is watched, listed once and kept up to date by a watch from there. Whenever that can't be relied on, the next reading lists it again, so that
/// a broken watch costs a list and nothing else.
/// </summary>
/// <param name="changed">Something happened that a decision may hang on.</param>
internal sealed partial class Informer<TItem>(Watched<TItem> watched, Action changed, TimeProvider time, ILogger logger) : IAsyncDisposable
    where TItem : class
{
    // A connection that was cut is noticed by its pings. But a server may also wait, without a word, for a version that it will never have;
    // and where nothing changes, some send no bookmarks either.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(5);

    // One that ends sooner in good order has ended for a reason that it does not say.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, TItem> known = new(StringComparer.Ordinal);
    private CancellationTokenSource ending = new();
    private Task following = Task.CompletedTask;
    private string version = "";
    private bool isOpen;
    private bool isRefused;
    private long heard;

    /// <summary>The watch is open and says something now and then, so that a reading needs no list.</summary>
    public bool IsLive
    {
        get
        {
            lock (gate)
                return isOpen && time.GetElapsedTime(heard) < LongestSilence;
        }
    }

    /// <summary>As the watch has it; null when it does not know it, or can't be relied on. Asks nobody, and is for any caller at any time.</summary>
    public TItem? Find(string uid)
    {
        lock (gate)
            return IsLive ? known.GetValueOrDefault(uid) : null;
    }

    /// <summary>Not for two callers at once.</summary>
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
            version = list.Version;
        }

        following = FollowAsync(ending.Token);
        return list;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        ending.Dispose();
    }

    private ItemList<TItem>? Current()
    {
        lock (gate)
            return IsLive ? new ItemList<TItem>([.. known.Values], version) : null;
    }

    // A bug in what it did is told here, once.
    private async Task StopAsync()
    {
        await ending.CancelAsync();
        (var ended, following) = (following, Task.CompletedTask);
        await ended;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var started = time.GetTimestamp();
                var failure = await watched.WatchAsync(version, Opened, Take, cancellationToken);
                if (failure is not null)
                {
                    Tell(failure);
                    return;
                }

                if (time.GetElapsedTime(started) < ShortestWatch)
                    return;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Its place is taken by another, or the process ends.
        }
        finally
        {
            lock (gate)
                isOpen = false;
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
            if (change.Item is null)
                known.Remove(change.Uid);
            else
                known[change.Uid] = change.Item;
            isNews = watched.IsNews(before, change.Item, known.Values);
        }

        if (isNews)
            changed();
    }

    // A right that is missing stays missing: it is told once, until it is there. All else the next cycle mends.
    private void Tell(KubernetesFailure failure)
    {
        if (failure.Kind != KubernetesFailureKind.Forbidden)
            Broken(watched.Name, failure.Message);
        else if (!isRefused)
            Refused(watched.Name, failure.Message);
        isRefused |= failure.Kind == KubernetesFailureKind.Forbidden;
    }

    [LoggerMessage(130, LogLevel.Debug, "The watch of {Things} ended, and they are listed again: {Reason}")]
    private partial void Broken(string things, string reason);

    [LoggerMessage(131, LogLevel.Warning, "The {Things} may not be watched. They are listed in every cycle, and what changes between two cycles is seen by the next one only: {Reason}")]
    private partial void Refused(string things, string reason);
}
