using System.Reflection;

namespace ImageUpdater.IntegrationTests.Architecture;

/// <summary>
/// Folders of a project have no circular references, so that a folder can be read together with those that it uses only. The rules
/// between projects are in ImageUpdater.UnitTests/Architecture/ProjectTests.cs.
/// </summary>
public sealed class FolderTests
{
    public static TheoryData<string> Projects() => new("Core", "Http", "Registry", "Kubernetes", "Persistence", "Reports", "Host");

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfEachProject_UseEachOtherInNoCircle(string project)
    {
        var references = FolderReferences.Of(Assembly.Load($"ImageUpdater.{project}"));
        var used = references.ToLookup(reference => reference.Key.From, reference => reference.Key.To);

        var circular = references.Where(reference => Reaches(used, reference.Key.To, reference.Key.From))
            .Select(reference => $"{reference.Key.From} -> {reference.Key.To}: {string.Join(", ", reference.Take(5))}");

        Assert.True(!circular.Any(), string.Join("\n", circular));
    }

    // Tests FolderReferences itself: it finds references in signatures, code and lambdas.
    [Theory]
    [InlineData("ImageUpdater.Host.Commands", "ImageUpdater.Host.Composition")]
    [InlineData("ImageUpdater.Host.Observing", "ImageUpdater.Host.Configuration")]
    [InlineData("ImageUpdater.Host.Composition", "ImageUpdater.Host.Observing")]
    public void References_ThatAreKnown_AreFound(string from, string to) =>
        Assert.True(FolderReferences.Of(Assembly.Load("ImageUpdater.Host")).Contains((from, to)));

    private static bool Reaches(ILookup<string, string> used, string from, string to)
    {
        var (seen, left) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>([from]));
        while (left.TryPop(out var folder))
        {
            if (folder == to)
                return true;
            foreach (var next in used[folder].Where(seen.Add))
                left.Push(next);
        }

        return false;
    }
}
