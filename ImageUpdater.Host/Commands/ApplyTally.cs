using ImageUpdater.Core.Applying;
using ImageUpdater.Host.Applying;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Commands;

/// <summary>Counts what one <c>apply</c> has done, for its progress and its last line.</summary>
/// <param name="wanted">Number of workloads to restart, now and queued.</param>
internal sealed class ApplyTally(int wanted, DateTimeOffset startedAt)
{
    private readonly Dictionary<string, DateTimeOffset?> ends = new(StringComparer.Ordinal);
    private readonly List<string> endings = [];
    private int notRestarted;

    public DateTimeOffset StartedAt => startedAt;

    public int Restarted => ends.Count;

    /// <summary>Rollouts that this <c>apply</c> started and that have not ended.</summary>
    public int Running => Restarted - endings.Count;

    /// <summary>Workloads that were neither restarted nor tried, if so many were restarted.</summary>
    public int LeftAfter(int restarted) => Math.Max(0, wanted - restarted - notRestarted);

    public void Add(AppliedChange change)
    {
        if (change is { Outcome: ApplyOutcome.Restarted, RolloutId: { } rollout })
            ends.TryAdd(rollout, null);
        else if (change.Outcome is ApplyOutcome.Failed or ApplyOutcome.Unknown)
            notRestarted++;
    }

    /// <summary>Counts the end of a rollout, and says which one it is and how long it took: <c> (3 of 35, 12 s)</c>.</summary>
    public string Ended(Rollout rollout, RolloutState state, DateTimeOffset now)
    {
        var took = Words.Span(now - rollout.StartedAt);
        if (!ends.TryGetValue(rollout.Id, out var end) || end is not null)
            return $" ({took})";

        ends[rollout.Id] = now;
        endings.Add(Word(rollout, state));
        return wanted > 1 ? $" ({endings.Count} of {Math.Max(wanted, Restarted)}, {took})" : $" ({took})";
    }

    /// <summary>For example <c>Done in 19 s: 35 restarted, 34 verified, 1 failed.</c>; null if there was nothing to do.</summary>
    public string? Describe(DateTimeOffset now, int queued)
    {
        if (Restarted + notRestarted + queued == 0)
            return null;

        var ended = endings.CountBy(word => word).OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal).Select(word => (word.Value, word.Key));
        return $"Done in {Words.Span(now - startedAt)}: {Words.Number(Restarted)} restarted{List([.. ended, (Running, "still rolling out"), (notRestarted, "not restarted"), (queued, "still queued")])}.";
    }

    private static string List(IReadOnlyList<(int, string)> parts) => Words.List(parts) is { Length: > 0 } list ? ", " + list : "";

    private static string Word(Rollout rollout, RolloutState state) => state switch
    {
        RolloutState.Succeeded => rollout.Verification == RolloutVerification.Verified ? "verified" : "not verified",
        RolloutState.TimedOut => "timed out",
        RolloutState.WorkloadGone => "deleted",
        RolloutState.Mismatch => "with a mismatch",
        _ => state.ToString().ToLowerInvariant(),
    };
}
