using System.Text;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Chart;

/// <summary>docs/chart-values.md is generated from values.yaml. UPDATE_DOCS=1 writes it; otherwise the test compares it.</summary>
public sealed class ChartValuesTests
{
    private const string Document = "docs/chart-values.md";

    private static readonly IReadOnlyList<ChartValue> Values = ValuesFile.Read();

    [Fact]
    public void Document_OfTheValues_IsUpToDate()
    {
        var expected = Write();
        var path = Path.Combine(Repository.Root, Document);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);

        Assert.True(File.Exists(path) && File.ReadAllText(path) == expected, $"{Document} differs from values.yaml: run the tests with UPDATE_DOCS=1 and review the difference");
    }

    [Fact]
    public void EveryValue_HasAComment() => Assert.All(Values, value => Assert.True(
        value.Comment.Length > 0 || (value.IsSection && !value.IsTopLevel),
        $"{value.Path} has no comment in values.yaml"));

    private static string Write()
    {
        var text = new StringBuilder();
        text.Append("# Values of the chart\n\nGenerated from `helm/image-updater/values.yaml` by a test; change that file. For how to set values see [Installing](install.md).\n\n");
        Table(text, Values.Where(value => value is { IsTopLevel: true, IsSection: false }));
        foreach (var section in Values.Where(value => value is { IsTopLevel: true, IsSection: true }))
        {
            text.Append($"\n## {section.Path}\n\n{section.Comment}\n\n");
            Table(text, Values.Where(value => value.Path.StartsWith(section.Path + ".", StringComparison.Ordinal)));
        }

        return text.ToString();
    }

    private static void Table(StringBuilder text, IEnumerable<ChartValue> values)
    {
        text.Append("| value | default | meaning |\n|---|---|---|\n");
        foreach (var value in values)
            text.Append($"| `{value.Path}` | {(value.IsSection ? "" : $"`{Cell(value.Default!)}`")} | {Cell(value.Comment)} |\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
