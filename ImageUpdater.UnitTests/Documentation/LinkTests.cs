namespace ImageUpdater.UnitTests.Documentation;

public sealed class LinkTests
{
    // Code spans of this form are treated as paths in this repository.
    private static readonly string[] Tops = ["ImageUpdater.", "docs/", ".ci/", "Directory."];

    [Fact]
    public void Links_InDocuments_LeadSomewhere()
    {
        var links =
            (from document in Repository.Documents()
             from target in Markdown.Links(Markdown.WithoutBlocks(Repository.Read(document)))
             where !target.Contains("://", StringComparison.Ordinal)
             select (document, target)).ToList();

        Assert.Contains(links, link => link.target.Contains('#'));
        Assert.All(links, link =>
        {
            var parts = link.target.Split('#');
            var path = parts[0].Length == 0 ? link.document : Path.Combine(Path.GetDirectoryName(link.document)!, parts[0]);
            var full = Path.Combine(Repository.Root, path);
            Assert.True(Path.Exists(full), $"{link.document} links to {link.target}, which does not exist");
            if (parts.Length > 1)
                Assert.True(Markdown.Anchors(File.ReadAllText(full)).Contains(parts[1]), $"{link.document} links to {link.target}, and there is no such heading");
        });
    }

    [Fact]
    public void Paths_InDocuments_Exist()
    {
        var paths =
            (from document in Repository.Documents()
             from code in Markdown.Code(Markdown.WithoutBlocks(Repository.Read(document)))
             where code.Contains('/') && Tops.Any(top => code.StartsWith(top, StringComparison.Ordinal))
             select (document, code)).ToList();

        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path.code)), $"{path.document} names {path.code}, which does not exist"));
    }

    [Fact]
    public void Projects_InCommands_Exist()
    {
        var projects = Repository.Documents().SelectMany(document => Markdown.Blocks(Repository.Read(document))).SelectMany(block => block.Lines)
            .SelectMany(line => line.Split(' ')).Where(word => word.StartsWith("ImageUpdater.", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.True(
            Directory.Exists(Path.Combine(Repository.Root, project)) && Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.csproj").Any(),
            $"there is no project {project}"));
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
