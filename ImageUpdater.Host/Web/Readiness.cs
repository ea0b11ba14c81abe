using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence.Upkeep;

namespace ImageUpdater.Host.Web;

/// <summary>
/// What keeps the controller from working. Whether Kubernetes can be reached is taken from the last cycle: a request per probe would add load to
/// an API server that may be overloaded.
/// </summary>
internal sealed class Readiness(ControllerState state, BackgroundLoops loops, LateRegistries late, StateUpkeep store, RestartOptions restarts, TimeProvider time)
{
    // Anyone can call the endpoint, and each probe of the store takes its write lock.
    private static readonly TimeSpan AskStoreEvery = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private long asked;
    private Task<string?> asking = Task.FromResult<string?>(null);

    /// <summary>The registries that the newest cycle went on without. Anybody who can create a workload can name one, so that it is no reason not to be ready.</summary>
    public IReadOnlyList<string> Late => late.Names;

    /// <summary>That nothing is restarted, although the controller is ready.</summary>
    public bool IsObserveOnly => restarts.ObserveOnly;

    /// <summary>The problems as messages; empty if the controller is ready.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        var trouble = await StoreProblem().WaitAsync(cancellationToken);
        if (trouble is not null)
            missing.Add($"state store: {trouble}");
        if (state.Problem is { } problem && !missing.Contains(problem))
            missing.Add(problem);
        if (!state.HasObserved)
            missing.Add("the first observation has not completed");
        missing.AddRange(loops.Problems);
        return missing;
    }

    private Task<string?> StoreProblem()
    {
        lock (gate)
        {
            if (asked == 0 || (asking.IsCompleted && time.GetElapsedTime(asked) >= AskStoreEvery))
                (asking, asked) = (Task.Run(() => store.ProbeAsync(CancellationToken.None)), time.GetTimestamp());
            return asking;
        }
    }
}
