using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Documentation;

public sealed class ReadmeTests
{
    private static readonly string[] Marks = ["run", "test", "cluster", "play"];

    [Fact]
    public void Commands_EveryBlock_IsRunByCi()
    {
        var ci = Repository.Read(".ci/run");
        var blocks = Markdown.Blocks(Repository.Read("README.md")).ToList();
        Assert.NotEmpty(blocks);
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
        var names = AnnotationConstants().Where(name => name is not Annotations.LegacyFinalizer).ToList();
        Assert.Contains(Annotations.Enabled, names);
        Assert.All(names, name => Assert.Contains($"`{name}`", keys));
        Assert.Contains($"`{Annotations.LegacyFinalizer}`", Repository.Read(document), StringComparison.Ordinal);
    }

    private static IEnumerable<string> AnnotationConstants() => typeof(Annotations).GetFields()
        .Where(field => field is { IsLiteral: true, Name: not nameof(Annotations.Prefix) })
        .Select(field => (string)field.GetRawConstantValue()!)
        .Where(name => name.StartsWith(Annotations.Prefix, StringComparison.Ordinal));
}
