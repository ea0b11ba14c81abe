using System.Text.RegularExpressions;

namespace ImageUpdater.UnitTests.Documentation;

/// <param name="Before">The last non-empty line before the fence.</param>
internal sealed record FencedBlock(string Language, string Before, IReadOnlyList<string> Lines);

/// <summary>Parses the parts of Markdown that the tests need.</summary>
internal static partial class Markdown
{
    public static IEnumerable<FencedBlock> Blocks(string text)
    {
        List<string>? inside = null;
        var language = "";
        var before = "";
        foreach (var line in text.Split('\n'))
        {
            if (inside is null && line.StartsWith("```", StringComparison.Ordinal))
            {
                language = line[3..];
                inside = [];
            }
            else if (inside is not null && line == "```")
            {
                yield return new FencedBlock(language, before, inside);
                inside = null;
            }
            else if (inside is not null)
            {
                inside.Add(line);
            }
            else if (line.Length > 0)
            {
                before = line;
            }
        }
    }

    public static string WithoutBlocks(string text) => Fence().Replace(text, "");

    /// <summary>The text from the heading <c>## name</c> to the next heading of this level.</summary>
    public static string Section(string text, string name)
    {
        var start = text.IndexOf($"\n## {name}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"there is no section '{name}'");
        var end = text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? text[start..] : text[start..end];
    }

    /// <summary>The cells of all table rows, without header and delimiter rows.</summary>
    public static IEnumerable<IReadOnlyList<string>> Rows(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var isHead = i + 1 < lines.Length && lines[i + 1].StartsWith("|---", StringComparison.Ordinal);
            if (lines[i].StartsWith('|') && !isHead && !lines[i].StartsWith("|---", StringComparison.Ordinal))
                yield return [.. Cell().Split(lines[i].Trim().Trim('|')).Select(cell => cell.Trim())];
        }
    }

    public static IEnumerable<string> Code(string text) => CodeSpan().Matches(text).Select(match => match.Groups["code"].Value);

    public static IEnumerable<string> Links(string text) => Link().Matches(text).Select(match => match.Groups["target"].Value);

    /// <summary>The anchor that GitHub generates for a heading.</summary>
    public static IEnumerable<string> Anchors(string text) => Heading().Matches(WithoutBlocks(text))
        .Select(match => NotInAnchor().Replace(match.Groups["title"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Cell();

    [GeneratedRegex("`(?<code>[^`\n]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (?<title>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex NotInAnchor();
}
