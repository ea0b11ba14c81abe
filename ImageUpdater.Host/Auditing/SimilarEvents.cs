using ImageUpdater.Kubernetes.Objects;

namespace ImageUpdater.Host.Auditing;

/// <summary>
/// What is told of many events of one kind about one object: nine, and the next as one for all that follow, until there were none for ten
/// minutes. The numbers and the words are those of client-go's recorder (tools/record, EventAggregator), which counts the further ones in
/// that event, and repeated ones in theirs; that takes the right to patch events, and here they are left out.
/// </summary>
internal sealed class SimilarEvents(TimeProvider time)
{
    private const int MaxEvents = 10;
    private const int MaxGroups = 4096;

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Dictionary<(string Uid, WorkloadEventType Type, string Reason), Group> groups = [];

    /// <returns>The event to send; null when it is told of already.</returns>
    public WorkloadEvent? Take(WorkloadEvent told)
    {
        var now = time.GetTimestamp();
        var key = (told.Uid, told.Type, told.Reason);
        lock (gate)
        {
            if (!groups.TryGetValue(key, out var group) || time.GetElapsedTime(group.Last, now) > Within)
            {
                if (group is null && groups.Count >= MaxGroups)
                    groups.Remove(groups.MinBy(entry => entry.Value.Last).Key);
                groups[key] = group = new Group();
            }

            group.Last = now;
            if (group.Notes.Count >= MaxEvents || !group.Notes.Add(told.Note))
                return null;
            return group.Notes.Count < MaxEvents ? told : told with { Note = $"(combined from similar events): {told.Note}" };
        }
    }

    private sealed class Group
    {
        public HashSet<string> Notes { get; } = new(StringComparer.Ordinal);

        public long Last { get; set; }
    }
}
