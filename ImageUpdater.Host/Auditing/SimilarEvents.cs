using ImageUpdater.Kubernetes.Objects;

namespace ImageUpdater.Host.Auditing;

/// <summary>
/// Combines similar events about one object: nine are sent, the tenth stands for all that follow, until there were none for ten minutes. The
/// limits and the text are those of client-go's recorder (tools/record, EventAggregator). It also counts further and repeated events in the
/// event that was sent; that needs permission to patch events, so here they are dropped.
/// </summary>
internal sealed class SimilarEvents(TimeProvider time)
{
    private const int MaxEvents = 10;
    private const int MaxGroups = 4096;

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Dictionary<(string Uid, WorkloadEventType Type, string Reason), Group> groups = [];

    /// <returns>The event to send; null if it is covered by one already sent.</returns>
    public WorkloadEvent? Take(WorkloadEvent wanted)
    {
        var now = time.GetTimestamp();
        var key = (wanted.Uid, wanted.Type, wanted.Reason);
        lock (gate)
        {
            if (!groups.TryGetValue(key, out var group) || time.GetElapsedTime(group.Last, now) > Within)
            {
                if (group is null && groups.Count >= MaxGroups)
                    groups.Remove(groups.MinBy(entry => entry.Value.Last).Key);
                groups[key] = group = new Group();
            }

            group.Last = now;
            if (group.Notes.Count >= MaxEvents || !group.Notes.Add(wanted.Note))
                return null;
            return group.Notes.Count < MaxEvents ? wanted : wanted with { Note = $"(combined from similar events): {wanted.Note}" };
        }
    }

    private sealed class Group
    {
        public HashSet<string> Notes { get; } = new(StringComparer.Ordinal);

        public long Last { get; set; }
    }
}
