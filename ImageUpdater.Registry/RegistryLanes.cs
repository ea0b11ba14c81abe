using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Registry;

/// <param name="Results">Also those of earlier calls, which were not waited for.</param>
/// <param name="Late">The registries whose items are not all done, ordered.</param>
internal sealed record LaneResults<TItem, TResult>(IReadOnlyDictionary<TItem, TResult> Results, IReadOnlyList<string> Late)
    where TItem : notnull;

/// <summary>How long a caller waits for one registry.</summary>
internal sealed record RegistryPatience(TimeSpan Limit)
{
    /// <summary>For a cycle of <c>run</c>, so that no registry delays the restarts of images of others. Its results are used by a later cycle.</summary>
    public static readonly RegistryPatience OfCycle = new(TimeSpan.FromSeconds(30));

    /// <summary>For a command, which has no later cycle.</summary>
    public static readonly RegistryPatience OfCommand = new(TimeSpan.FromMinutes(5));
}

/// <summary>
/// Asks several registries at the same time, in <see cref="RegistryTurns"/>, and waits for each only so long. A registry that is not done then goes on, and a
/// later call returns its results; for ten minutes after that it is waited for two seconds only. Whatever happens to one, the others are served.
/// </summary>
/// <param name="failed">The result of an item whose registry's lane ended with an unexpected error.</param>
internal sealed partial class RegistryLanes<TItem, TResult>(
    RegistryPatience patience, Func<TItem, Exception, TResult> failed, RegistryTurns turns, TimeProvider time, ILogger logger) : IDisposable
    where TItem : notnull
{
    private static readonly TimeSpan LateFor = TimeSpan.FromMinutes(10);

    // For those that were late: enough for one that answers again.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // What remains is asked for by a later call, with what has changed since.
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Lane> lanes = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource disposed = new();

    /// <summary>Work on the items of one registry; reports each result, and begins no other item once its turn is over.</summary>
    public delegate Task Work(string registry, IReadOnlyList<TItem> items, Action<TItem, TResult> report, Func<bool> isOver, CancellationToken cancellationToken);

    public async Task<LaneResults<TItem, TResult>> RunAsync(IEnumerable<IGrouping<string, TItem>> registries, Work work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        var asked = registries.Select(registry => (Lane: lanes.GetOrAdd(registry.Key, name => new Lane(name)), Items: registry.ToList())).ToList();
        foreach (var (lane, items) in asked.Where(registry => registry.Lane.Running.IsCompleted))
            lane.Running = RunAsync(lane, [.. items.Where(item => !lane.Done.ContainsKey(item))], work, cancellationToken);

        await WaitAsync(asked.Select(registry => registry.Lane).Where(lane => !lane.IsLate(now)), patience.Limit, cancellationToken);
        await WaitAsync(asked.Select(registry => registry.Lane), Grace, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var (lane, _) in asked.Where(registry => !registry.Lane.Running.IsCompleted))
            lane.LateUntil = time.GetUtcNow() + LateFor;

        return new LaneResults<TItem, TResult>(
            Collect(), [.. asked.Where(registry => !registry.Lane.Running.IsCompleted).Select(registry => registry.Lane.Registry).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Cancels what is still running.</summary>
    public void Dispose()
    {
        disposed.Cancel();
        disposed.Dispose();
    }

    private async Task WaitAsync(IEnumerable<Lane> lanes, TimeSpan limit, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(lanes.Select(lane => lane.Running));
        if (all.IsCompleted)
            return;

        try
        {
            await all.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Those that are not done are late.
        }
    }

    private async Task RunAsync(Lane lane, IReadOnlyList<TItem> items, Work work, CancellationToken cancellationToken)
    {
        var isDone = new ConcurrentDictionary<TItem, bool>();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, disposed.Token);
        try
        {
            long? started = null;
            for (var isOver = true; isOver && items.Any(item => !isDone.ContainsKey(item));)
            {
                isOver = false;
                using var turn = await turns.TakeAsync(lane.Registry, either.Token);
                var since = started ??= time.GetTimestamp();
                bool IsOver() => time.GetElapsedTime(since) > LongestRun || (isOver |= turn.IsOver);
                await work(lane.Registry, [.. items.Where(item => !isDone.ContainsKey(item))], Report, IsOver, either.Token);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || disposed.IsCancellationRequested)
        {
            // The caller throws.
        }
        catch (Exception exception)
        {
            // A bug, or no memory for what this registry sent.
            LogFailed(lane.Registry, exception);
            foreach (var item in items.Where(item => !isDone.ContainsKey(item)))
                lane.Done[item] = failed(item, exception);
        }

        void Report(TItem item, TResult result)
        {
            lane.Done[item] = result;
            isDone[item] = true;
        }
    }

    private Dictionary<TItem, TResult> Collect()
    {
        var results = new Dictionary<TItem, TResult>();
        foreach (var (registry, lane) in lanes)
        {
            var isOver = lane.Running.IsCompleted && !lane.IsLate(time.GetUtcNow());
            foreach (var item in lane.Done.Keys)
            {
                if (lane.Done.TryRemove(item, out var result))
                    results[item] = result;
            }

            if (isOver)
                lanes.TryRemove(new(registry, lane));
        }

        return results;
    }

    [LoggerMessage(3103, LogLevel.Error, "Registry '{Registry}' failed unexpectedly; the others are served")]
    private partial void LogFailed(string registry, Exception exception);

    private sealed class Lane(string registry)
    {
        public string Registry => registry;

        public ConcurrentDictionary<TItem, TResult> Done { get; } = [];

        public Task Running { get; set; } = Task.CompletedTask;

        public DateTimeOffset LateUntil { get; set; }

        // A time further away than any that is set: the clock was set back since.
        public bool IsLate(DateTimeOffset now) => LateUntil > now && LateUntil <= now + LateFor;
    }
}
