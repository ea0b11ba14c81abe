using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence.Upkeep;

namespace ImageUpdater.Host.Web;

/// <summary>
/// What is missing for the controller to do its work. Whether Kubernetes can be reached is what the newest cycle found: asking again
/// for each probe would only add load where there is too much.
/// </summary>
internal sealed class Readiness(ControllerState state, BackgroundLoops loops, StateUpkeep store, TimeProvider time)
{
    // Everybody may ask, and each answer takes the writer's turn.
    private static readonly TimeSpan AskStoreEvery = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private long asked;
    private Task<string?> asking = Task.FromResult<string?>(null);

    /// <summary>Each in words; empty when nothing is missing.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        var trouble = await StoreProblem().WaitAsync(cancellationToken);
        if (trouble is not null)
            missing.Add($"state store: {trouble}");
        if (state.Problem is { } problem && !missing.Contains(problem))
            missing.Add(problem);
        if (!state.HasObserved)
            missing.Add("the first observation is not done yet");
        missing.AddRange(loops.Problems);
        return missing;
    }

    private Task<string?> StoreProblem()
    {
        lock (gate)
        {
            if (asked == 0 || (asking.IsCompleted && time.GetElapsedTime(asked) >= AskStoreEvery))
                (asking, asked) = (store.ProbeAsync(CancellationToken.None), time.GetTimestamp());
            return asking;
        }
    }
}
