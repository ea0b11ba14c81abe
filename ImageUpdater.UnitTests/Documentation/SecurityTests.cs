namespace ImageUpdater.UnitTests.Documentation;

public sealed class SecurityTests
{
    private const string Section = "Among tenants and hostile registries";

    /// <summary>Whether the tests show what the row says is for the reader; they exist at least.</summary>
    [Fact]
    public void Rows_OfTheTable_NameTestsThatExist()
    {
        var rows = Markdown.Rows(Markdown.Section(Repository.Read("docs/security.md"), Section));

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var tests = Source.Matches(row[^1], @"`(?<it>\w+\.\w+)`");
            Assert.NotEmpty(tests);
            Assert.All(tests, test => Assert.True(Exists(test.Split('.')), $"there is no test {test}"));
        });
    }

    private static bool Exists(string[] test) => ((string[])["ImageUpdater.UnitTests", "ImageUpdater.IntegrationTests"])
        .SelectMany(project => Directory.GetFiles(Path.Combine(Repository.Root, project), $"{test[0]}*.cs", SearchOption.AllDirectories))
        .Any(file => File.ReadAllText(file).Contains($" {test[1]}(", StringComparison.Ordinal));
}
