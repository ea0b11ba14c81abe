using System.Globalization;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// A label of a host as Kubernetes documents it for pull secrets: <c>*</c> is any text, <c>?</c> any letter, <c>[a-c0]</c> one of these,
/// <c>[^a-c]</c> none of them. One that is malformed matches nothing. Newer kubelets refuse keys with brackets, older ones read them.
/// </summary>
internal static class HostPattern
{
    // One star is taken back at a time, so the work is at most the product of both lengths.
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

    /// <summary>How much of the pattern is about this letter; 0 where it is not meant.</summary>
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

            // As Go reads it: neither stands for itself.
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
