namespace ImageUpdater.Reports;

/// <summary>
/// How deep a template nests. Handlebars works by recursion, and a stack that overflows ends the process, which no catch can prevent:
/// so a template that nests deeper than a person would is refused before it is compiled.
/// </summary>
internal static class TemplateNesting
{
    public const int MaxDepth = 100;

    /// <summary>The line, from 1, where it gets too deep; null when it does not.</summary>
    public static int? TooDeepAt(string template)
    {
        var blocks = new Stack<int>();
        var depth = 0;
        var line = 1;
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] == '\n')
                line++;
            if (!At(template, i, "{{"))
                continue;

            var end = template.IndexOf("}}", i, StringComparison.Ordinal);
            if (end < 0)
                return null;

            var expression = template.AsSpan(i, end - i).TrimStart("{~ ");
            if (expression.StartsWith('/'))
            {
                depth = blocks.Count > 0 ? blocks.Pop() : 0;
            }
            else if (expression.StartsWith('#') || (expression.StartsWith('^') && expression.Length > 1))
            {
                blocks.Push(depth++);
            }
            else if (expression.StartsWith("else "))
            {
                // A chained "else if" is a block within the block, and ends with it.
                depth++;
            }

            if (depth + expression.Count('(') > MaxDepth)
                return line;

            line += expression.Count('\n');
            i = end + 1;
        }

        return null;
    }

    private static bool At(string text, int index, string part) => string.CompareOrdinal(text, index, part, 0, part.Length) == 0;
}
