using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Chart;

/// <param name="Path">Keys joined with dots: <c>image.tag</c>.</param>
/// <param name="Default">The text of the value; null for a key with child keys.</param>
/// <param name="Comment">The comment lines above the key, joined.</param>
internal sealed record ChartValue(string Path, string? Default, string Comment)
{
    public bool IsSection => Default is null;

    public bool IsTopLevel => !Path.Contains('.', StringComparison.Ordinal);
}

/// <summary>
/// Reads helm/image-updater/values.yaml, in the order of the file. Supports only a subset of YAML: one line per value, two spaces
/// per level. That keeps the file simple enough to generate a table from it.
/// </summary>
internal static class ValuesFile
{
    public const string Folder = "helm/image-updater";

    public static IReadOnlyList<ChartValue> Read()
    {
        var values = new List<ChartValue>();
        var comment = new List<string>();
        var path = new List<string>();
        var lines = Repository.Read($"{Folder}/values.yaml").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimStart(' ');
            if (line.StartsWith('#'))
            {
                comment.Add(line[1..].Trim());
                continue;
            }

            // The comment at the top of the file belongs to no key.
            if (line.Length > 0)
            {
                var depth = (lines[i].Length - line.Length) / 2;
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                Assert.True(colon > 0 && depth <= path.Count && depth * 2 == lines[i].Length - line.Length, $"values.yaml, line {i + 1}: one key and its value, two spaces a level");
                path.RemoveRange(depth, path.Count - depth);
                path.Add(line[..colon]);
                var text = line[(colon + 1)..].Trim();
                values.Add(new ChartValue(string.Join('.', path), text.Length == 0 ? null : text, string.Join(' ', comment)));
            }

            comment.Clear();
        }

        return values;
    }
}
