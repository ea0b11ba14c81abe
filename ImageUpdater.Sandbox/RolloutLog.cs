namespace ImageUpdater.Sandbox;

/// <summary>A rollout by the sandbox's controller.</summary>
/// <param name="Kind">The plural, for example <c>deployments</c>.</param>
/// <param name="Namespace">The namespace of the workload.</param>
/// <param name="Name">The name of the workload.</param>
/// <param name="First">Whether the workload was created, so that no pods were replaced.</param>
/// <param name="StartedAt">When the change of the template was stored.</param>
/// <param name="EndedAt">When the workload's status reported it as complete, or when another rollout or a deletion ended it.</param>
public sealed record RolloutRecord(string Kind, string Namespace, string Name, bool First, DateTimeOffset StartedAt, DateTimeOffset? EndedAt);

/// <summary>The rollouts of a cluster since its start, oldest first.</summary>
public sealed class RolloutLog
{
    private readonly Lock gate = new();
    private readonly List<RolloutRecord> records = [];

    internal RolloutLog()
    {
    }

    public IReadOnlyList<RolloutRecord> All
    {
        get
        {
            lock (gate) return [.. records];
        }
    }

    /// <summary>The maximum number of concurrent rollouts of existing workloads. First rollouts are not counted.</summary>
    public int MostAtOnce()
    {
        // At the same moment, ends come before starts: a rollout that starts when another ends does not overlap it.
        var edges = All.Where(record => !record.First)
            .SelectMany(record => new[] { (At: record.StartedAt, Step: 1), (At: record.EndedAt ?? DateTimeOffset.MaxValue, Step: -1) })
            .OrderBy(edge => edge.At).ThenBy(edge => edge.Step);
        var (now, most) = (0, 0);
        foreach (var (_, step) in edges) most = Math.Max(most, now += step);
        return most;
    }

    internal bool IsRunning(string kind, string ns, string name)
    {
        lock (gate) return FindRunning(kind, ns, name) >= 0;
    }

    internal void Begin(RolloutRecord record)
    {
        lock (gate) records.Add(record);
    }

    /// <summary>Ends the running rollout of a workload, if any.</summary>
    internal void End(string kind, string ns, string name, DateTimeOffset at)
    {
        lock (gate)
        {
            if (FindRunning(kind, ns, name) is >= 0 and var running) records[running] = records[running] with { EndedAt = at };
        }
    }

    private int FindRunning(string kind, string ns, string name) =>
        records.FindLastIndex(record => record.EndedAt is null && record.Kind == kind && record.Namespace == ns && record.Name == name);
}
