namespace ImageUpdater.UnitTests.Documentation;

/// <summary>Reads files of the repository as text, because the unit tests do not reference the Host.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>README.md and the files in docs, relative to the root.</summary>
    public static IEnumerable<string> Documents() => Directory
        .EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path))
        .Append("README.md")
        .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ImageUpdater.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no folder above {AppContext.BaseDirectory} has ImageUpdater.sln");
    }
}
