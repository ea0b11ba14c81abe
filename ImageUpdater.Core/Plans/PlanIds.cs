namespace ImageUpdater.Core.Plans;

/// <summary>Plans are named by their id or by its beginning.</summary>
public static class PlanIds
{
    /// <param name="text">As the user wrote it.</param>
    /// <param name="candidates">The ids that start with the text, or some of them.</param>
    /// <returns>The id; else null and an error message.</returns>
    public static (string? Id, string? Problem) Choose(string text, IReadOnlyList<string> candidates)
    {
        if (text.Length == 0)
            return (null, "empty plan id; use a plan id or the beginning of one");
        if (candidates.Contains(text, StringComparer.Ordinal))
            return (text, null);

        var shown = UntrustedText.Bound(text, 80);
        return candidates switch
        {
            [] => (null, $"plan {shown} not found; create one with image-updater plan"),
            [var only] => (only, null),
            _ => (null, $"plan id {shown} is ambiguous; it matches {string.Join(", ", candidates)}"),
        };
    }
}
