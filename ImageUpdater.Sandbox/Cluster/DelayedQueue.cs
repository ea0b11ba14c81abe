namespace ImageUpdater.Sandbox.Cluster;

/// <summary>Keys that become due. A key is in here once, for the earliest time that it was added with.</summary>
internal sealed class DelayedQueue<TKey>(TimeProvider time)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<TKey, DateTimeOffset> queue = new();
    private readonly Dictionary<TKey, DateTimeOffset> due = [];
    private TaskCompletionSource changed = NewSignal();

    public bool IsEmpty
    {
        get
        {
            lock (gate) return due.Count == 0;
        }
    }

    public void Add(TKey key, TimeSpan delay)
    {
        DateTimeOffset at = time.GetUtcNow() + delay;
        lock (gate)
        {
            if (due.TryGetValue(key, out DateTimeOffset there) && there <= at) return;
            due[key] = at;
            queue.Enqueue(key, at);
            if (queue.Peek().Equals(key)) changed.TrySetResult();
        }
    }

    public async Task<TKey> TakeAsync(CancellationToken cancel)
    {
        while (true)
        {
            Task signal;
            TimeSpan? wait = null;
            lock (gate)
            {
                while (queue.TryPeek(out TKey? key, out DateTimeOffset at))
                {
                    // An entry that was overtaken by an earlier one for its key is stale.
                    bool stale = !due.TryGetValue(key, out DateTimeOffset current) || current != at;
                    wait = at - time.GetUtcNow();
                    if (!stale && wait > TimeSpan.Zero) break;
                    queue.Dequeue();
                    wait = null;
                    if (stale) continue;
                    due.Remove(key);
                    return key;
                }

                if (changed.Task.IsCompleted) changed = NewSignal();
                signal = changed.Task;
            }

            if (wait is null) await signal.WaitAsync(cancel);
            else await Task.WhenAny(signal, Task.Delay(wait.Value, time, cancel));
            cancel.ThrowIfCancellationRequested();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
