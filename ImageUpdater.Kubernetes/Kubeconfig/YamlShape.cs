using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>
/// Checks a YAML text before YamlDotNet builds its nodes. Building and comparing nodes is recursive: deep nesting or a self-reference would
/// overflow the stack, which ends the process.
/// </summary>
internal static class YamlShape
{
    // A kubeconfig has six levels.
    private const int MaxDepth = 32;

    /// <summary>The rest of a message that starts with the file's name; null if the text can be loaded.</summary>
    /// <exception cref="YamlException">The text is not YAML.</exception>
    public static string? Refusal(string text)
    {
        using var reader = new StringReader(text);
        var parser = new Parser(reader);
        var open = new Stack<Level>();
        while (parser.MoveNext())
        {
            if (parser.Current is not NodeEvent and not AnchorAlias)
            {
                if (parser.Current is MappingEnd or SequenceEnd)
                    open.Pop();
                continue;
            }

            var isKey = open.TryPeek(out var level) && level.TakesKey();
            if (isKey && parser.Current is not Scalar)
                return $"has a key that is not a string, near line {parser.Current.Start.Line}";
            if (parser.Current is AnchorAlias alias && open.Any(outer => outer.Anchor == alias.Value))
                return $"has a part that contains itself, near line {parser.Current.Start.Line}";
            if (parser.Current is MappingStart or SequenceStart)
                open.Push(new Level(((NodeEvent)parser.Current).Anchor, parser.Current is MappingStart));
            if (open.Count > MaxDepth)
                return $"nests more than {MaxDepth} levels deep";
        }

        return null;
    }

    /// <summary>YamlDotNet's scanner also throws these, for example for a lone surrogate in an escape or a misplaced bracket.</summary>
    public static bool IsAboutText(Exception exception) => exception is ArgumentException or InvalidOperationException or FormatException or OverflowException;

    private sealed class Level(AnchorName anchor, bool isMapping)
    {
        private int children;

        public AnchorName Anchor { get; } = anchor;

        /// <summary>Whether the next node is a key of this mapping. Keys and values alternate.</summary>
        public bool TakesKey() => isMapping && children++ % 2 == 0;
    }
}
