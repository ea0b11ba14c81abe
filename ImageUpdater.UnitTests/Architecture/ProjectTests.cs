using System.Text.Json;
using System.Xml.Linq;
using ImageUpdater.Core.Planning;

namespace ImageUpdater.UnitTests.Architecture;

/// <summary>Checks the allowed references between projects, so that they can't change unnoticed.</summary>
public sealed class ProjectTests
{
    private static readonly string Root = FindRoot();

    // Null: any package is allowed.
    public static TheoryData<string, string, string?> Rules() => new()
    {
        { "Core", "", "" },
        { "Http", "Core", "" },
        { "Registry", "Core Http", null },
        { "Kubernetes", "Core Http", null },
        { "Persistence", "Core", null },
        { "Reports", "Core", null },
        { "Host", "Core Http Kubernetes Persistence Registry Reports", null },
        { "Sandbox", "", null },
        { "UnitTests", "Core Persistence Reports", null },
        { "IntegrationTests", "Host Sandbox", null },
        { "Benchmarks", "Core Host Persistence Sandbox", null },
    };

    public static TheoryData<string> Projects() => [.. Names()];

    [Theory]
    [MemberData(nameof(Rules))]
    public void ProjectReferences_OfEachProject_AreThoseAllowed(string project, string allowed, string? packages)
    {
        var file = Load($"ImageUpdater.{project}");

        var references = file.Descendants("ProjectReference")
            .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)["ImageUpdater.".Length..]);

        Assert.Equal([], references.Except(allowed.Split(' ')));
        if (packages is not null)
            Assert.Equal(packages.Split(' ', StringSplitOptions.RemoveEmptyEntries), file.Descendants("PackageReference").Select(package => (string?)package.Attribute("Include")));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void EachProject_OfTheRepository_HasARuleASolutionEntryAndALockFile(string project)
    {
        Assert.Contains(Rules(), rule => $"ImageUpdater.{rule.Data.Item1}" == project);
        Assert.Contains($"\"{project}\\{project}.csproj\"", File.ReadAllText(Path.Combine(Root, "ImageUpdater.sln")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Root, project, "packages.lock.json")), $"{project} has no packages.lock.json");
    }

    // Build-only references count too: the Sandbox may build the Host.
    [Fact]
    public void Sandbox_BuiltAlong_IsTheHostAlone()
    {
        var reference = Assert.Single(Load("ImageUpdater.Sandbox").Descendants("ProjectReference"));

        Assert.Equal("../ImageUpdater.Host/ImageUpdater.Host.csproj", ((string)reference.Attribute("Include")!).Replace('\\', '/'));
        Assert.Equal("false", (string?)reference.Attribute("ReferenceOutputAssembly"));
    }

    [Fact]
    public void Packages_ForEveryProject_AreAnalyzersOnly()
    {
        var everywhere = XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("PackageReference").ToList();
        using var locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "ImageUpdater.Core", "packages.lock.json")));

        Assert.All(everywhere, package => Assert.Equal("all", (string?)package.Attribute("PrivateAssets")));
        Assert.Equal(
            everywhere.Select(package => (string)package.Attribute("Include")!).Order(),
            locked.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject()).Select(package => package.Name).Order());
    }

    [Fact]
    public void PackageVersions_AreCentralAndNeverFloat()
    {
        Assert.All(
            Names(),
            project => Assert.All(Load(project).Descendants("PackageReference"), package => Assert.Null(package.Attribute("Version"))));
        Assert.All(
            XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion"),
            package => Assert.Matches(@"^[0-9]+(\.[0-9]+){1,3}$", (string)package.Attribute("Version")!));
    }

    [Fact]
    public void Core_Compiled_ReferencesTheBaseClassLibraryOnly() => Assert.All(
        typeof(Planner).Assembly.GetReferencedAssemblies(),
        reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));

    // Projects in deeper folders are build tools, such as the migration generator, and are not published.
    private static IEnumerable<string> Names() => Directory.GetDirectories(Root, "ImageUpdater.*").Select(path => Path.GetFileName(path)).Order();

    private static XDocument Load(string project) => XDocument.Load(Path.Combine(Root, project, project + ".csproj"));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "ImageUpdater.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("ImageUpdater.sln is in no folder above the tests");
    }
}
