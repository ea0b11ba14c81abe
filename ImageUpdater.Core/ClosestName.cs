namespace ImageUpdater.Core;

/// <summary>Finds the name that a misspelled one was probably meant to be, for "did you mean".</summary>
public static class ClosestName
{
    private const int MaxName = 80;

    /// <returns>Null if no known name is similar.</returns>
    public static string? Find(string name, IReadOnlyList<string> known)
    {
        var wanted = Letters(name);
        var close = known.MinBy(one => Distance(wanted, Letters(one)));
        if (close is not null && Distance(wanted, Letters(close)) <= 1 + (wanted.Length / 4))
            return close;
        return wanted.Length >= 4 ? known.FirstOrDefault(one => Letters(one).Contains(wanted, StringComparison.Ordinal)) : null;
    }

    private static string Letters(string name) => string.Concat(name.Take(MaxName).Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    /// <summary>The Levenshtein distance: the number of insertions, deletions and substitutions.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
