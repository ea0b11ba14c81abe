using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>
/// Objects for the controllers to look at, each when it is due. An object is in the queue once, with the earliest time it was added with, and
/// there is only one look at it at a time.
/// </summary>
/// <param name="look">Returns when to look again; null to wait for the next change.</param>
internal sealed class WorkQueue(TimeProvider time, Func<ObjectKey, CancellationToken, Task<TimeSpan?>> look) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, DateTimeOffset> due = [];
    private readonly HashSet<ObjectKey> busy = [];
    private readonly CancellationTokenSource stopping = new();

    /// <summary>True if the queue is empty and no look is running.</summary>
    public bool Idle
    {
        get
        {
            lock (gate) return due.Count == 0 && busy.Count == 0;
        }
    }

    /// <summary>The first exception of a look, which is a bug in the sandbox.</summary>
    public Exception? Failure { get; private set; }

    public void Add(ObjectKey key, TimeSpan delay)
    {
        var at = time.GetUtcNow() + delay;
        lock (gate)
        {
            if (due.TryGetValue(key, out var earlier) && earlier <= at) return;
            due[key] = at;
        }

        _ = LookAsync(key, at, delay);
    }

    public void Dispose() => stopping.Cancel();

    private async Task LookAsync(ObjectKey key, DateTimeOffset at, TimeSpan delay)
    {
        await Task.Yield();
        if (delay > TimeSpan.Zero) await Task.Delay(delay, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            // Superseded by an earlier time; or a look is running, and Release starts the next one when it ends.
            if (stopping.IsCancellationRequested || !due.TryGetValue(key, out var current) || current != at || !busy.Add(key)) return;
            due.Remove(key);
        }

        try
        {
            if (await look(key, stopping.Token) is { } again) Add(key, again);
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
            if (due.TryGetValue(key, out var at)) _ = LookAsync(key, at, at - time.GetUtcNow());
        }
    }
}
