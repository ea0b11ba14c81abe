using System.Buffers;
using System.Text;

namespace ImageUpdater.Reports;

/// <summary>Escapes untrusted text for Markdown (CommonMark with GitHub's tables), so that it is shown literally.</summary>
internal static class MarkdownText
{
    // Invisible, and enough between two characters to keep renderers from making a link of a URL, or a mention of an @name.
    private const char WordJoiner = '\u2060';

    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\`*_{}[]#|!~$");

    /// <summary>Prose, on one line, fit for a table cell, a list item or a heading.</summary>
    public static string Escape(string text)
    {
        var line = OneLine(text);
        var result = new StringBuilder(line.Length + 16);
        for (var i = 0; i < line.Length; i++)
        {
            var character = line[i];
            if (Escaped.Contains(character) || IsBlockMarker(line, i))
                result.Append('\\').Append(character);
            else if (Entity(character) is { } entity)
                result.Append(entity);
            else
                result.Append(character);

            if (StartsLink(line, i))
                result.Append(WordJoiner);
        }

        return result.ToString();
    }

    /// <summary>A code span that shows the text exactly, whatever backticks it has.</summary>
    public static string Code(string text)
    {
        var line = OneLine(text);
        if (line.Length == 0)
            return "";

        // In a table no code span can show this pair: the backslash that escapes the bar would itself be escaped.
        if (line.Contains("\\|", StringComparison.Ordinal))
            return Escape(line);

        var fence = new string('`', LongestRun(line) + 1);
        var pad = line[0] == '`' || line[^1] == '`' ? " " : "";

        // A table's row is split at bars before code spans are read; \| is the one escape that counts within them.
        return $"{fence}{pad}{line.Replace("|", "\\|")}{pad}{fence}";
    }

    public static string OneLine(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
        }).Trim();

    private static string? Entity(char character) => character switch
    {
        '<' => "&lt;",
        '>' => "&gt;",
        '&' => "&amp;",
        _ => null,
    };

    // "- ", "+ ", "= " or "1. " at the start would begin a list or make a heading of the line above.
    private static bool IsBlockMarker(string line, int index) => index == 0
        ? line[0] is '-' or '+' or '='
        : line[index] is '.' or ')' && line.AsSpan(0, index).IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool StartsLink(string line, int index) => line[index] switch
    {
        ':' => line.AsSpan(index + 1).StartsWith("//", StringComparison.Ordinal),
        '.' => line.AsSpan(0, index).EndsWith("www", StringComparison.OrdinalIgnoreCase),

        // Digests in references stay as they are, so that they can be copied.
        '@' => !line.AsSpan(index + 1).StartsWith("sha256:", StringComparison.Ordinal),
        _ => false,
    };

    private static int LongestRun(string line)
    {
        var longest = 0;
        var run = 0;
        foreach (var character in line)
        {
            run = character == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
