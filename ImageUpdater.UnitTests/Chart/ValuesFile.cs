using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Chart;

/// <param name="Path">With dots: <c>image.tag</c>.</param>
/// <param name="Default">As it is written; null for a key that has keys in it.</param>
/// <param name="Comment">The lines above it, joined.</param>
internal sealed record ChartValue(string Path, string? Default, string Comment)
{
    public bool IsSection => Default is null;

    public bool IsTopLevel => !Path.Contains('.', StringComparison.Ordinal);
}

/// <summary>
/// helm/image-updater/values.yaml, in the order of the file. Not all of YAML is read, on purpose: one line for each value, two
/// spaces for each level, so that the file stays one that a table can be made from.
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

            // The head of the file is a comment that belongs to no key.
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
