namespace ImageUpdater.Sandbox;

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

    /// <summary>How many rollouts of existing workloads ran at the same time, at the most. First rollouts are not counted.</summary>
    public int MostAtOnce()
    {
        int now = 0, most = 0;
        IEnumerable<RolloutRecord> rollouts = All.Where(record => !record.First);
        // An end counts before a start of the same moment: one that starts when another ended was not beside it.
        foreach ((DateTimeOffset _, int step) in rollouts
            .SelectMany(record => new[] { (At: record.StartedAt, Step: 1), (At: record.EndedAt ?? DateTimeOffset.MaxValue, Step: -1) })
            .OrderBy(edge => edge.At).ThenBy(edge => edge.Step))
        {
            now += step;
            most = Math.Max(most, now);
        }

        return most;
    }

    public void Clear()
    {
        lock (gate) records.RemoveAll(record => record.EndedAt is not null);
    }

    internal RolloutRecord Begin(RolloutRecord record)
    {
        lock (gate) records.Add(record);
        return record;
    }

    internal void End(RolloutRecord record, DateTimeOffset at, bool complete)
    {
        lock (gate)
        {
            int index = records.IndexOf(record);
            if (index >= 0) records[index] = record with { EndedAt = at, Complete = complete };
        }
    }
}
