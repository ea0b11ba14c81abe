namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Finds the new warnings of a cycle. A warning about credentials occurs only in cycles that check an image which needs them, so that a warning
/// counts as resolved after a while without it, not after one cycle.
/// </summary>
internal sealed class RecentWarnings(TimeProvider time)
{
    private readonly Dictionary<string, DateTimeOffset> seen = new(StringComparer.Ordinal);

    public int Count => seen.Count;

    /// <returns>The warnings that have not occurred recently.</returns>
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

    /// <summary>Removes and returns the warnings that have not occurred within this time, with the time each last occurred.</summary>
    public IReadOnlyList<(string Warning, DateTimeOffset Last)> Over(TimeSpan within)
    {
        var now = time.GetUtcNow();
        var over = seen.Where(warning => now - warning.Value > within).Select(warning => (warning.Key, warning.Value)).ToList();
        foreach (var (warning, _) in over)
            seen.Remove(warning);
        return over;
    }
}
