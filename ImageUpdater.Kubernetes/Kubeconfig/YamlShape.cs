using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>
/// Looks at a YAML text before its nodes are made. Making and comparing them is recursive: what nests without end, or is its own key,
/// ends the process rather than the reading.
/// </summary>
internal static class YamlShape
{
    // A kubeconfig has six levels.
    private const int MaxDepth = 32;

    /// <summary>The rest of a sentence that begins with the file's name; null where the text can be read.</summary>
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
                return $"has a key that is not text, near line {parser.Current.Start.Line}";
            if (parser.Current is AnchorAlias alias && open.Any(outer => outer.Anchor == alias.Value))
                return $"has a part that contains itself, near line {parser.Current.Start.Line}";
            if (parser.Current is MappingStart or SequenceStart)
                open.Push(new Level(((NodeEvent)parser.Current).Anchor, parser.Current is MappingStart));
            if (open.Count > MaxDepth)
                return $"nests more than {MaxDepth} levels deep";
        }

        return null;
    }

    /// <summary>The library's scanner throws these too, at half a surrogate pair in an escape or at a misplaced bracket.</summary>
    public static bool IsAboutText(Exception exception) => exception is ArgumentException or InvalidOperationException or FormatException or OverflowException;

    private sealed class Level(AnchorName anchor, bool isMapping)
    {
        private int children;

        public AnchorName Anchor { get; } = anchor;

        /// <summary>Whether the node that comes now is a key of this mapping; they alternate with the values.</summary>
        public bool TakesKey() => isMapping && children++ % 2 == 0;
    }
}
