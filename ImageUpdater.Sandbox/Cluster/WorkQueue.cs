using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>
/// Objects for the controllers to look at, each when it is due. An object is in here once, for the earliest time that it
/// was added with, and only one look at it is under way.
/// </summary>
/// <param name="look">Answers when to look again; null when the next change tells.</param>
internal sealed class WorkQueue(TimeProvider time, Func<ObjectKey, CancellationToken, Task<TimeSpan?>> look) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, DateTimeOffset> due = [];
    private readonly HashSet<ObjectKey> busy = [];
    private readonly CancellationTokenSource stopping = new();

    /// <summary>True when nothing waits to be looked at.</summary>
    public bool Idle
    {
        get
        {
            lock (gate) return due.Count == 0 && busy.Count == 0;
        }
    }

    /// <summary>A look that ended so is a bug of the sandbox.</summary>
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
            // Overtaken by an earlier one; or a look is under way, and the next one begins when it ends.
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
