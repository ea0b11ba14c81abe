namespace ImageUpdater.UnitTests;

/// <summary>Tables of test cases: tab-separated, the first line has the column names, lines that start with # are comments.</summary>
internal static class Tsv
{
    public static IEnumerable<string[]> Rows(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "TestData", file));
        var columns = lines[0].Split('\t').Length;
        foreach (var line in lines.Skip(1).Where(line => !line.StartsWith('#')))
        {
            var cells = line.Split('\t');
            Assert.True(cells.Length == columns, $"{file}: a row with {cells.Length} cells instead of {columns}: {line}");
            yield return cells;
        }
    }
}
