using System.Text.RegularExpressions;

namespace ImageUpdater.UnitTests.Documentation;

internal static class Source
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>The distinct values of the group <c>it</c> of all matches.</summary>
    public static IReadOnlyList<string> Matches(string text, string pattern) =>
        [.. Regex.Matches(text, pattern, RegexOptions.ExplicitCapture, Limit).SelectMany(match => match.Groups["it"].Captures).Select(capture => capture.Value).Distinct(StringComparer.Ordinal)];
}
