namespace ImageUpdater.UnitTests.Documentation;

public sealed class LinkTests
{
    // What a code span has to look like to be taken for a path of this repository.
    private static readonly string[] Tops = ["ImageUpdater.", "docs/", ".ci/", "Directory."];

    public static TheoryData<string> Documents => [.. Repository.Documents()];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_InDocument_LeadSomewhere(string document)
    {
        var text = Repository.Read(document);
        foreach (var target in Markdown.Links(Markdown.WithoutBlocks(text)).Where(target => !target.Contains("://", StringComparison.Ordinal)))
        {
            var parts = target.Split('#');
            var path = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
            var full = Path.Combine(Repository.Root, path);
            Assert.True(Path.Exists(full), $"{document} links to {target}, which does not exist");
            if (parts.Length > 1)
                Assert.True(Markdown.Anchors(File.ReadAllText(full)).Contains(parts[1]), $"{document} links to {target}, and there is no such heading");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Paths_InDocument_Exist(string document)
    {
        foreach (var code in Markdown.Code(Markdown.WithoutBlocks(Repository.Read(document))))
        {
            if (code.Contains('/') && Tops.Any(top => code.StartsWith(top, StringComparison.Ordinal)))
                Assert.True(Path.Exists(Path.Combine(Repository.Root, code)), $"{document} names {code}, which does not exist");
        }
    }

    [Fact]
    public void Projects_InCommands_Exist()
    {
        foreach (var words in Repository.Documents().SelectMany(document => Markdown.Blocks(Repository.Read(document))).SelectMany(block => block.Lines).Select(line => line.Split(' ')))
        {
            foreach (var project in words.Where(word => word.StartsWith("ImageUpdater.", StringComparison.Ordinal)))
                Assert.True(Directory.Exists(Path.Combine(Repository.Root, project)) && Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.csproj").Any(), $"there is no project {project}");
        }
    }

    [Fact]
    public void Adr_EveryPage_IsListed()
    {
        var listed = Markdown.Links(Repository.Read("docs/adr/README.md")).ToHashSet(StringComparer.Ordinal);
        var pages = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs/adr"), "0*.md").Select(Path.GetFileName);
        Assert.Equal(pages.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Examples_EveryFile_IsListed()
    {
        var listed = Markdown.Links(Repository.Read("docs/examples/README.md")).Where(link => link.EndsWith(".yaml", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs/examples"), "*.yaml").Select(Path.GetFileName);
        Assert.Equal(files.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }
}
