using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Workloads;

namespace ImageUpdater.Host.Observing;

/// <summary>
/// The enabled workloads of one kind, of one namespace or of all: listed once, and kept up to date by a watch from there. Whenever that can't
/// be relied on, the next reading lists them again, so that a broken watch costs a list and nothing else.
/// </summary>
/// <param name="changed">Something happened that a decision may hang on, besides how a rollout comes along.</param>
internal sealed partial class WorkloadFeed(
    ClusterClient kubernetes, WorkloadKind kind, string? @namespace, Action changed, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    // A connection that was cut is noticed by its pings. But a server may also wait, without a word, for a version that it will never have;
    // and where nothing changes, some send no bookmarks either.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(5);

    // One that ends sooner in good order has ended for a reason that it does not say.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, WorkloadSnapshot> known = new(StringComparer.Ordinal);
    private CancellationTokenSource ending = new();
    private Task following = Task.CompletedTask;
    private string version = "";
    private bool isOpen;
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

    /// <summary>Not for two callers at once.</summary>
    public async Task<Result<WorkloadList, KubernetesFailure>> ReadAsync(CancellationToken ct)
    {
        if (Current() is { } current)
            return current;

        await StopAsync();
        ending.Dispose();
        ending = new CancellationTokenSource();
        var listed = await kubernetes.ListEnabledWorkloadsAsync(kind, @namespace, ct);
        if (!listed.IsSuccess(out var list, out var failure))
            return failure;

        known.Clear();
        foreach (var workload in list.Workloads)
            known[workload.Uid] = workload;
        version = list.Version;
        following = FollowAsync(ending.Token);
        return list;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        ending.Dispose();
    }

    private WorkloadList? Current()
    {
        lock (gate)
            return IsLive ? new WorkloadList([.. known.Values], version) : null;
    }

    // A bug in what it did is told here, once.
    private async Task StopAsync()
    {
        await ending.CancelAsync();
        (var ended, following) = (following, Task.CompletedTask);
        await ended;
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var started = time.GetTimestamp();
                var failure = await kubernetes.WatchWorkloadsAsync(kind, @namespace, version, Opened, Take, ct);
                if (failure is not null)
                {
                    Broken(WorkloadKey.KindName(kind), failure.Sentence);
                    return;
                }

                if (time.GetElapsedTime(started) < ShortestWatch)
                    return;
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
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
            (isOpen, heard) = (true, time.GetTimestamp());
    }

    private void Take(WorkloadChange change)
    {
        bool isNews;
        lock (gate)
        {
            (version, heard) = (change.Version, time.GetTimestamp());
            if (change.Uid is null)
                return;

            var before = known.GetValueOrDefault(change.Uid);
            isNews = IsNews(before, change.Workload);
            if (change.Workload is null)
                known.Remove(change.Uid);
            else
                known[change.Uid] = change.Workload;
        }

        if (isNews)
            changed();
    }

    private static bool IsNews(WorkloadSnapshot? before, WorkloadSnapshot? now) => (before, now) switch
    {
        (null, null) => false,
        (null, _) or (_, null) => true,
        _ => before.TemplateFingerprint != now.TemplateFingerprint || before.Paused != now.Paused || before.Deleting != now.Deleting
            || before.HasLegacyFinalizer != now.HasLegacyFinalizer || before.Annotations.Count != now.Annotations.Count || before.Annotations.Except(now.Annotations).Any(),
    };

    [LoggerMessage(130, LogLevel.Debug, "The watch of {Kind}s ended, and they are listed again: {Reason}")]
    private partial void Broken(string kind, string reason);
}
