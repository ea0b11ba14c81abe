using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Chart;

/// <summary>Compares the chart and the Dockerfile with the program. Rendering requires helm and is part of <c>.ci/run</c>.</summary>
public sealed class ChartTests
{
    private static readonly string Version = XDocument.Parse(Repository.Read("Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

    private static readonly string Dockerfile = Repository.Read("Dockerfile");

    private static readonly string Configuration = Repository.Read("docs/configuration.md");

    [Theory]
    [InlineData("helm/image-updater/Chart.yaml", "version: {0}\n")]
    [InlineData("helm/image-updater/Chart.yaml", "appVersion: \"{0}\"\n")]
    [InlineData("Dockerfile", "ARG VERSION={0}\n")]
    [InlineData("docs/examples/forget-pod.yaml", "image: ghcr.io/eznix86/image-updater:{0}\n")]
    public void Version_IsTheProducts(string file, string line) =>
        Assert.Contains(line.Replace("{0}", Version, StringComparison.Ordinal), Repository.Read(file), StringComparison.Ordinal);

    [Fact]
    public void Environment_OfTheChart_IsWhatTheProgramReads()
    {
        var ofChart = Source.Matches(Templates() + Dockerfile, @"ImageUpdater__(?<it>[A-Za-z]+)(?:[:=]|__)");
        var known = Markdown.Rows(Configuration).Where(row => row.Count == 5).Select(row => row[0].Trim('`').Split(':')[0]);

        Assert.True(ofChart.Count > 20);
        Assert.Empty(ofChart.Except(known, StringComparer.Ordinal));
    }

    [Fact]
    public void Environment_OfTheChart_HasEveryOptionOfTheProgram()
    {
        // Credential programs must also be made available in the pod (install.md).
        string[] notInTheChart = ["CredentialProviders:Config", "CredentialProviders:BinDir"];
        var known = Markdown.Rows(Configuration).Where(row => row.Count == 5 && row[1].StartsWith("`ImageUpdater__", StringComparison.Ordinal) && !row[1].Contains("__0__", StringComparison.Ordinal))
            .Select(row => row[0].Trim('`')).ToList();
        var ofChart = Source.Matches(Templates(), @"ImageUpdater__(?<it>[A-Za-z]+(?:__[A-Z][A-Za-z]+)?)(?::|__%d)").Select(name => name.Replace("__", ":", StringComparison.Ordinal));

        Assert.True(known.Count > 20);
        Assert.Equal(known.Except(notInTheChart, StringComparer.Ordinal).Order(StringComparer.Ordinal), ofChart.Order(StringComparer.Ordinal));
        Assert.Contains("ImageUpdater__CredentialProviders__Config", Repository.Read("docs/install.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Registries_OfTheChart_HaveEveryOptionOfTheProgram()
    {
        var ofProgram = Markdown.Rows(Configuration).Where(row => row[1].StartsWith("`ImageUpdater__Registries__0__", StringComparison.Ordinal)).Select(row => row[0].Trim('`'))
            .Where(key => key != "Url").Distinct(StringComparer.Ordinal);
        var ofChart = Source.Matches(Templates(), @"(?:\$prefix \}\}|\.prefix \}\})(?<it>[A-Z][A-Za-z]+)").Where(key => key != "Url").Append("Mirrors");

        Assert.Equal(ofProgram.Order(StringComparer.Ordinal), ofChart.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Permissions_OfTheChart_ChangeNothingButWorkloads()
    {
        var verbs = Source.Matches(Templates(), @"verbs: \[(?<it>[^\]]+)\]");

        Assert.Equal(["create", "get", "get, list, watch", "list", "list, watch", "patch"], verbs.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("- \"*\"", Templates(), StringComparison.Ordinal);
    }

    [Fact]
    public void Permissions_OfTheExample_AreThoseOfTheChart()
    {
        var ofTheExample = Permissions(Repository.Read("docs/examples/rbac.yaml")).ToList();

        Assert.Contains("apps/deployments patch", ofTheExample);
        Assert.Equal(Permissions(Templates()).Order(StringComparer.Ordinal), ofTheExample.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Example_OfTheAccount_HasTheNamespaceOfItsBinding()
    {
        var parts = Repository.Read("docs/examples/rbac.yaml").Split("\n---\n");

        Assert.Contains("kind: Namespace\nmetadata:\n  name: image-updater", parts[0], StringComparison.Ordinal);
        Assert.Contains("kind: ServiceAccount\nmetadata:\n  name: image-updater\n  namespace: image-updater", parts[1], StringComparison.Ordinal);
        Assert.Contains("    namespace: image-updater", parts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_OfAlertsAndDashboard_AreThoseOfTheProgram()
    {
        var documented = Markdown.Rows(Repository.Read("docs/metrics.md")).Select(row => row[0].Trim('`')).ToHashSet(StringComparer.Ordinal);
        var named = Source.Matches(Templates() + Repository.Read($"{ValuesFile.Folder}/dashboards/image-updater.json"), @"(?<it>image_updater_[a-z_]+)")
            .Select(name => name.EndsWith("_bucket", StringComparison.Ordinal) ? name[..^"_bucket".Length] : name).ToHashSet(StringComparer.Ordinal);

        Assert.True(named.Count > 10);
        Assert.Subset(documented, named);
    }

    [Fact]
    public void Dashboard_IsJsonWithoutPanelsOnTopOfEachOther()
    {
        using var dashboard = JsonDocument.Parse(Repository.Read($"{ValuesFile.Folder}/dashboards/image-updater.json"));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("gridPos"))
            .SelectMany(at => from x in Enumerable.Range(Number(at, "x"), Number(at, "w")) from y in Enumerable.Range(Number(at, "y"), Number(at, "h")) select (x, y)).ToList();

        Assert.NotEmpty(panels);
        Assert.All(panels, cell => Assert.InRange(cell.x, 0, 23));
        Assert.Equal(panels.Count, panels.Distinct().Count());
    }

    [Fact]
    public void Dockerfile_EveryProjectOfTheHost_IsRestoredByItsLockFile()
    {
        var projects = References("ImageUpdater.Host").Append("ImageUpdater.Host");
        foreach (var project in projects)
        {
            var lockFile = project == "ImageUpdater.Host" ? "packages.container.lock.json" : "packages.lock.json";
            Assert.Contains($"COPY {project}/{project}.csproj {project}/{lockFile} {project}/\n", Dockerfile, StringComparison.Ordinal);
            Assert.Contains($"\n!{project}\n", Repository.Read(".dockerignore"), StringComparison.Ordinal);
        }
    }

    /// <summary>Their digests can't be looked up without a network; .ci/base-images writes them.</summary>
    [Fact]
    public void Dockerfile_BaseImages_HaveAPlaceForTheirDigests()
    {
        var images = Source.Matches(Dockerfile, @"(?m)^FROM (?:--platform=\S+ )?(?<it>\S+)");
        var digests = Source.Matches(Dockerfile, @"(?m)^FROM (?:--platform=\S+ )?mcr\.microsoft\.com/\S+:[\w.-]+\$\{(?<it>\w+):\+@\$\k<it>\}(?: |$)");

        Assert.Equal(2, images.Count);
        Assert.Equal(images.Count, digests.Count);
        Assert.All(digests, name => Assert.Matches($"(?m)^ARG {name}=(?:sha256:[a-f0-9]{{64}})?$", Dockerfile[..Dockerfile.IndexOf("\nFROM ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Dockerfile_TimeZones_AreInTheImage() =>
        Assert.Contains("\nCOPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo\n", Dockerfile, StringComparison.Ordinal);

    // The memory figures were measured with these settings, by the benchmark in operations.md.
    [Fact]
    public void Dockerfile_Settings_AreThoseOfTheMemoryBenchmark()
    {
        var benchmark = Repository.Read("ImageUpdater.Benchmarks/ControllerProcess.cs");
        var settings = Source.Matches(Dockerfile, @" (?<it>(?:DOTNET_(?:gc|GC|TC_|Enable)\w+|MALLOC_\w+)=\w+)");

        Assert.Equal(5, settings.Count);
        Assert.All(settings, setting => Assert.Contains($"(\"{setting.Replace("=", "\", \"", StringComparison.Ordinal)}\")", benchmark, StringComparison.Ordinal));
    }

    // The trimming package's version depends on the SDK's version.
    [Fact]
    public void ContainerLockFile_OtherPackages_AreThoseOfTheLockFile()
    {
        var container = Packages("packages.container.lock.json");
        var plain = Packages("packages.lock.json");

        Assert.True(container.Remove("Microsoft.NET.ILLink.Tasks"));
        Assert.Equal(plain, container);
    }

    private static SortedDictionary<string, string> Packages(string lockFile)
    {
        using var document = JsonDocument.Parse(Repository.Read($"ImageUpdater.Host/{lockFile}"));
        return new SortedDictionary<string, string>(
            document.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
                .ToDictionary(package => package.Name, package => package.Value.TryGetProperty("contentHash", out var hash) ? hash.GetString()! : "project", StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    private static IEnumerable<string> References(string project) => XDocument.Parse(Repository.Read($"{project}/{project}.csproj")).Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!))
        .SelectMany(name => References(name).Append(name))
        .Distinct(StringComparer.Ordinal);

    private static string Templates() => string.Join('\n', Directory
        .EnumerateFiles(Path.Combine(Repository.Root, ValuesFile.Folder, "templates")).Order(StringComparer.Ordinal).Select(File.ReadAllText));

    // group/resource verb
    private static IEnumerable<string> Permissions(string yaml) =>
        from Match rule in Regex.Matches(yaml, @"apiGroups: \[(?<group>[^\]]*)\]\s+resources: \[(?<resources>[^\]]*)\]\s+verbs: \[(?<verbs>[^\]]*)\]", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
        from resource in Words(rule.Groups["resources"].Value)
        from verb in Words(rule.Groups["verbs"].Value)
        select $"{rule.Groups["group"].Value.Trim('"')}/{resource} {verb}";

    private static IEnumerable<string> Words(string list) => list.Split(',').Select(word => word.Trim(' ', '"'));

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
