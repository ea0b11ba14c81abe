namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Which of a cycle's warnings are new. One that is about credentials comes only in the cycles that check an image which needs them, so that a
/// warning is over when it has not come for a while, and not when a cycle goes without it.
/// </summary>
internal sealed class RecentWarnings(TimeProvider time)
{
    private readonly Dictionary<string, DateTimeOffset> seen = new(StringComparer.Ordinal);

    public int Count => seen.Count;

    /// <returns>Those that have not come lately.</returns>
    public IReadOnlyList<string> Take(IEnumerable<string> warnings)
    {
        var now = time.GetUtcNow();
        var fresh = new List<string>();
        foreach (var warning in warnings)
        {
            if (!seen.ContainsKey(warning))
                fresh.Add(warning);
            seen[warning] = now;
        }

        return fresh;
    }

    /// <summary>Those that have not come within the span, with the time when each came last. They are forgotten, and new when they come again.</summary>
    public IReadOnlyList<(string Warning, DateTimeOffset Last)> Over(TimeSpan within)
    {
        var now = time.GetUtcNow();
        var over = seen.Where(warning => now - warning.Value > within).Select(warning => (warning.Key, warning.Value)).ToList();
        foreach (var (warning, _) in over)
            seen.Remove(warning);
        return over;
    }
}
