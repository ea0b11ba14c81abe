using System.Globalization;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// Matches a host label against a pattern, in the syntax that Kubernetes documents for pull secrets (Go's path.Match): <c>*</c> any text,
/// <c>?</c> any character, <c>[a-c0]</c> one of these, <c>[^a-c]</c> none of these. A malformed pattern matches nothing. Newer kubelets
/// reject keys with brackets, older ones accept them.
/// </summary>
internal static class HostPattern
{
    // Backtracks to the last star only, so the run time is at most the product of both lengths.
    public static bool Matches(string pattern, string text)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, t);
            }
            else if (LengthOfMatch(pattern.AsSpan(p), text[t]) is > 0 and var length)
            {
                p += length;
                t++;
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }

    /// <summary>Length of the pattern element that matches the character; 0 if it does not match.</summary>
    private static int LengthOfMatch(ReadOnlySpan<char> pattern, char letter)
    {
        if (pattern.IsEmpty)
            return 0;
        if (pattern[0] == '[')
            return LengthOfClass(pattern, Lower(letter));
        return pattern[0] == '?' || Lower(pattern[0]) == Lower(letter) ? 1 : 0;
    }

    private static int LengthOfClass(ReadOnlySpan<char> pattern, char letter)
    {
        var at = 1;
        var isNegated = at < pattern.Length && pattern[at] == '^';
        if (isNegated)
            at++;

        var isIn = false;
        for (var first = at; at < pattern.Length; at++)
        {
            if (pattern[at] == ']' && at > first)
                return isIn == isNegated ? 0 : at + 1;

            // In Go's path.Match, an unescaped ] or - is an error here.
            if (pattern[at] is ']' or '-')
                return 0;

            var low = Lower(pattern[at]);
            var high = low;
            if (at + 2 < pattern.Length && pattern[at + 1] == '-')
            {
                high = Lower(pattern[at + 2]);
                at += 2;
                if (high is ']' or '-')
                    return 0;
            }

            isIn |= low <= letter && letter <= high;
        }

        return 0;
    }

    private static char Lower(char letter) => char.ToLower(letter, CultureInfo.InvariantCulture);
}
