using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>
/// Objects for the controllers to reconcile, each when it is due. An object is in the queue once, with the earliest time that it was added with,
/// and is never reconciled twice at the same time.
/// </summary>
/// <param name="reconcile">Returns the delay until the next time; null to wait for the next change.</param>
internal sealed class WorkQueue(TimeProvider time, Func<ObjectKey, CancellationToken, Task<TimeSpan?>> reconcile) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, DateTimeOffset> due = [];
    private readonly HashSet<ObjectKey> busy = [];
    private readonly CancellationTokenSource stopping = new();

    /// <summary>True if the queue is empty and nothing is being reconciled.</summary>
    public bool Idle
    {
        get
        {
            lock (gate) return due.Count == 0 && busy.Count == 0;
        }
    }

    /// <summary>The first exception of a controller, which is a bug in the sandbox.</summary>
    public Exception? Failure { get; private set; }

    public void Add(ObjectKey key, TimeSpan delay)
    {
        var at = time.GetUtcNow() + delay;
        lock (gate)
        {
            if (due.TryGetValue(key, out var earlier) && earlier <= at) return;
            due[key] = at;
        }

        _ = ReconcileAsync(key, at, delay);
    }

    public void Dispose() => stopping.Cancel();

    private async Task ReconcileAsync(ObjectKey key, DateTimeOffset at, TimeSpan delay)
    {
        await Task.Yield();
        if (delay > TimeSpan.Zero) await Task.Delay(delay, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            // Superseded by an earlier time, or being reconciled now: then Release starts the next one.
            if (stopping.IsCancellationRequested || !due.TryGetValue(key, out var current) || current != at || !busy.Add(key)) return;
            due.Remove(key);
        }

        try
        {
            if (await reconcile(key, stopping.Token) is { } again) Add(key, again);
        }
        catch (Exception bug) when (!stopping.IsCancellationRequested)
        {
            Failure ??= bug;
        }
        finally
        {
            Release(key);
        }
    }

    private void Release(ObjectKey key)
    {
        lock (gate)
        {
            busy.Remove(key);
            if (due.TryGetValue(key, out var at)) _ = ReconcileAsync(key, at, at - time.GetUtcNow());
        }
    }
}
