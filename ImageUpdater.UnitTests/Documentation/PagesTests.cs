using ImageUpdater.Core.Plans;

namespace ImageUpdater.UnitTests.Documentation;

/// <summary>Checks that the short pages exist, are linked and are complete.</summary>
public sealed class PagesTests
{
    [Fact]
    public void Planning_EveryReason_HasARowWithAnExample()
    {
        var rows = Markdown.Rows(Markdown.Section(Repository.Read("docs/planning.md"), "Reasons"));

        Assert.Equal(Enum.GetNames<DecisionReason>().Order(StringComparer.Ordinal), rows.Select(row => row[0].Trim('`')).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.True(row[1] is "restart" or "nothing" or "hold" or "skip" && row[2].Length > 20, row[0]));
    }

    /// <summary>LinkTests checks that the links exist. The page must stay short.</summary>
    [Fact]
    public void Architecture_TheWayOfADigest_IsThroughTenFilesAtMost()
    {
        var rows = Markdown.Rows(Markdown.Section(Repository.Read("docs/architecture.md"), "One digest, from the registry to the report"));

        Assert.InRange(rows.Count(), 5, 10);
        Assert.All(rows, row => Assert.Contains(".cs](../ImageUpdater.", row[1], StringComparison.Ordinal));
    }

    [Fact]
    public void Readme_LinksEveryPage()
    {
        var linked = Markdown.Links(Repository.Read("README.md")).ToHashSet(StringComparer.Ordinal);
        var pages = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(page => $"docs/{Path.GetFileName(page)}").ToList();

        Assert.NotEmpty(pages);
        Assert.Empty(pages.Except(linked, StringComparer.Ordinal));
    }

    [Fact]
    public void Operations_EveryAlertOfTheChart_IsExplained() => Assert.Equal(
        Source.Matches(Repository.Read("helm/image-updater/templates/prometheusrule.yaml"), @"- alert: (?<it>\w+)"),
        Markdown.Rows(Markdown.Section(Repository.Read("docs/operations.md"), "Alerts")).Select(row => row[0].Trim('`')));

    /// <summary>`kubectl exec` fails until the pod is running, so the page must wait for it.</summary>
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

    /// <summary>Checks files named in commands; LinkTests checks links.</summary>
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
