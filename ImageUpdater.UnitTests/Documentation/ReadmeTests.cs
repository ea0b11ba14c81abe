using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Documentation;

public sealed class ReadmeTests
{
    private static readonly string[] Marks = ["run", "test", "cluster"];

    [Fact]
    public void Commands_EveryBlock_IsRunByCi()
    {
        var ci = Repository.Read(".ci/run");
        var blocks = Markdown.Blocks(Repository.Read("README.md")).ToList();
        Assert.All(blocks, block => Assert.Equal("sh", block.Language));
        foreach (var block in blocks)
        {
            var mark = Marks.SingleOrDefault(mark => block.Before == $"<!-- ci: {mark} -->");
            Assert.True(mark is not null, $"no mark says how CI runs: {block.Lines[0]}");
            Assert.Contains($"\"$work\"/{mark}-*.sh", ci, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("run", "dotnet run --project ImageUpdater.Sandbox -- demo")]
    [InlineData("test", "dotnet test")]
    public void Commands_DemoAndTest_AreOnePlainLine(string mark, string command)
    {
        var block = Assert.Single(Markdown.Blocks(Repository.Read("README.md")), block => block.Before == $"<!-- ci: {mark} -->");
        Assert.Equal([command], block.Lines);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/spec.md")]
    public void Annotations_EveryName_IsInItsTable(string document)
    {
        var keys = Markdown.Rows(Markdown.Section(Repository.Read(document), "Annotations")).Select(row => row[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var name in AnnotationConstants().Where(name => name is not Annotations.LegacyFinalizer))
            Assert.Contains($"`{name}`", keys);
        Assert.Contains($"`{Annotations.LegacyFinalizer}`", Repository.Read(document), StringComparison.Ordinal);
    }

    [Fact]
    public void ExitCodes_Table_HasThoseOfTheProgram()
    {
        var code = Repository.Read("ImageUpdater.Host/Commands/CommandLine.cs");
        var numbers = Source.Matches(code, @"public const int \w+ = (?<it>\d+);").Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(numbers);
        Assert.Equal(numbers, Markdown.Rows(Markdown.Section(Repository.Read("README.md"), "Exit codes")).Select(row => row[0]));
        var ofSpec = Markdown.Rows(Markdown.Section(Repository.Read("docs/spec.md"), "Commands")).Select(row => row[0]).Where(cell => cell.All(char.IsAsciiDigit));
        Assert.Equal(numbers, ofSpec);
    }

    private static IEnumerable<string> AnnotationConstants() => typeof(Annotations).GetFields()
        .Where(field => field is { IsLiteral: true, Name: not nameof(Annotations.Prefix) })
        .Select(field => (string)field.GetRawConstantValue()!)
        .Where(name => name.StartsWith(Annotations.Prefix, StringComparison.Ordinal));
}
