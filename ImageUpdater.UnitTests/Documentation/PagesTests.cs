using ImageUpdater.Core.Plans;

namespace ImageUpdater.UnitTests.Documentation;

/// <summary>The short pages: that they are there, linked, and as complete as they say.</summary>
public sealed class PagesTests
{
    [Fact]
    public void Planning_EveryReason_HasARowWithAnExample()
    {
        var rows = Markdown.Rows(Markdown.Section(Repository.Read("docs/planning.md"), "Reasons"));

        Assert.Equal(Enum.GetNames<DecisionReason>().Order(StringComparer.Ordinal), rows.Select(row => row[0].Trim('`')).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.True(row[1] is "restart" or "nothing" or "hold" or "skip" && row[2].Length > 20, row[0]));
    }

    [Fact]
    public void Readme_LinksEveryPage()
    {
        var linked = Markdown.Links(Repository.Read("README.md")).ToHashSet(StringComparer.Ordinal);
        var pages = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(page => $"docs/{Path.GetFileName(page)}");

        Assert.Empty(pages.Except(linked, StringComparer.Ordinal));
    }

    [Fact]
    public void Operations_EveryAlertOfTheChart_IsExplained() => Assert.Equal(
        Source.Matches(Repository.Read("helm/image-updater/templates/prometheusrule.yaml"), @"- alert: (?<it>\w+)"),
        Markdown.Rows(Markdown.Section(Repository.Read("docs/operations.md"), "Alerts")).Select(row => row[0].Trim('`')));

    /// <summary>A pod that was asked for is not there yet: `kubectl exec` would find no container.</summary>
    [Fact]
    public void Commands_InAPodThatWasJustStarted_WaitForIt()
    {
        var starts = 0;
        foreach (var document in Repository.Documents())
        {
            foreach (var block in Markdown.Blocks(Repository.Read(document)))
            {
                var isStarting = false;
                foreach (var line in block.Lines)
                {
                    isStarting = (isStarting || line.Contains("--replicas 1", StringComparison.Ordinal) || line.Contains("helm install", StringComparison.Ordinal))
                        && !line.Contains("rollout status", StringComparison.Ordinal);
                    starts += isStarting ? 1 : 0;
                    Assert.False(isStarting && line.Contains(" exec deployment/", StringComparison.Ordinal), $"{document}: {line}");
                }
            }
        }

        Assert.NotEqual(0, starts);
    }

    /// <summary>Links within a page and from it are LinkTests' matter; this is for files named in commands.</summary>
    [Fact]
    public void Paths_InCommands_Exist()
    {
        string[] tops = ["docs/", "helm/", ".ci/", "ImageUpdater."];
        var paths =
            (from document in Repository.Documents()
             from block in Markdown.Blocks(Repository.Read(document).Replace("\n   ", "\n", StringComparison.Ordinal))
             where block.Language is "sh" or "text"
             from word in block.Lines.SelectMany(line => line.Split(' '))
             where Array.Exists(tops, top => word.StartsWith(top, StringComparison.Ordinal))
             select (document, word)).ToList();

        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path.word)), $"{path.document} names {path.word}, which does not exist"));
    }
}
