using System.Text.RegularExpressions;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Diagnosing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Web;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;

namespace ImageUpdater.IntegrationTests.Diagnosing;

public sealed class CheckerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(30, "Ok within 30 s of the Kubernetes API's")]
    [InlineData(-30, "Ok within 30 s of the Kubernetes API's")]
    [InlineData(31, "Warning 31 s ahead of that of the Kubernetes API")]
    [InlineData(-3600, "Warning 1 h behind that of the Kubernetes API")]
    public void Clock_Skew_IsAWarningFromThirtySeconds(int ahead, string expected) =>
        Assert.Equal(expected, Short(ClockChecker.Of(new ApiServerVersion("v1.36.0", Now, Now.AddSeconds(ahead)))));

    [Theory]
    [InlineData("/data", "ext4", "/", "Ok /data can be written, 200 MiB free")]
    [InlineData("/", "overlay", "/", "Warning /data is in the container, not on a volume: the state is lost with the container")]
    [InlineData("/data", "ext4", "/var/lib/kubelet/pods/4/volumes/kubernetes.io~empty-dir/data", "Warning /data is an emptyDir: the state is lost with the pod")]
    [InlineData("/data", "tmpfs", "/", "Warning /data is in memory (tmpfs): the state is lost with the machine")]
    [InlineData("/data", "nfs4", "/", "Failed /data is on a network file system (nfs4), where SQLite's write-ahead log does not work")]
    public void Volume_OfEachMount_SaysWhetherTheStateLasts(string point, string type, string root, string expected) =>
        Assert.Equal(expected, Short(VolumeChecker.Of(Volume with { Mount = new Mount(point, root, type) }).Last()));

    [Fact]
    public void Volume_Problems_AreFailures()
    {
        Assert.Equal("Failed cannot write to /data: no", Short(Assert.Single(VolumeChecker.Of(Volume with { WriteProblem = "no" }))));
        Assert.Equal("Warning /data can be written, 99 MiB free", Short(Assert.Single(VolumeChecker.Of(Volume with { Free = 99 << 20 }))));
        Assert.Equal("Warning writing a small file to the disk took 2 s", Short(VolumeChecker.Of(Volume with { Flush = TimeSpan.FromSeconds(2) }).Last()));
        Assert.Equal("Failed broken", Short(VolumeChecker.Of(Volume with { Store = new StateStoreRefusal("broken", StateStoreProblem.Damaged) }).First()));
    }

    [Theory]
    [InlineData("/data/state", "/data")]
    [InlineData("/database", "/")]
    [InlineData("/with blank/x", "/with blank")]
    public void Mount_OfAFolder_IsTheNearest(string folder, string point)
    {
        string[] lines =
        [
            "22 1 0:21 / / rw,relatime shared:1 - overlay overlay rw", "23 22 8:1 / /data rw,relatime - ext4 /dev/sda1 rw", @"24 22 8:2 / /with\040blank rw - xfs /dev/sdb rw", "damaged",
        ];

        Assert.Equal(point, Mount.Of(folder, lines)!.Point);
    }

    [Theory]
    [InlineData(null, false, "Ok the Kubernetes API and the registries are reached without a proxy")]
    [InlineData("proxy:3128", false, "Warning the Kubernetes API (10.0.0.1) is reached through proxy:3128 (HTTPS_PROXY)")]
    [InlineData("proxy:3128", true, "Ok the Kubernetes API (10.0.0.1) is reached through proxy:3128 (as configured for it)")]
    public void Proxy_OfTheCluster_IsNamedWithItsVariable(string? proxy, bool isConfigured, string expected)
    {
        var finding = Assert.Single(ProxyChecker.Of(
            new ProxiedHost("the Kubernetes API", new Uri("https://10.0.0.1"), proxy, isConfigured), [], new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://u:secret@proxy:3128" }));

        Assert.Equal(expected, Short(finding));
        Assert.Equal(expected.StartsWith('W'), finding.Hint?.Contains("add 10.0.0.1 to NO_PROXY", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(RegistryFailureKind.Unreachable, true, "Failed", "is an address of each node, and in this pod that of the pod")]
    [InlineData(RegistryFailureKind.Unreachable, false, "Failed", "check the address")]
    [InlineData(RegistryFailureKind.Unauthorized, true, "Failed", "check the pull secret of the workload")]
    [InlineData(RegistryFailureKind.RateLimited, true, "Warning", "configure an account")]
    public void Registries_Failure_SaysWhatToDo(RegistryFailureKind kind, bool isInPod, string status, string hint)
    {
        var image = ImageReference.Parse("localhost:5000/app:1").Value!;
        var finding = Assert.Single(RegistriesChecker.Of(
            [new AskedImage(image, Credential: null, ["pull secret shop/regcred"], new FailedCheck(image, Now, new RegistryFailure(kind, "no answer.")))], [], unasked: 0, isInPod));

        Assert.Equal($"{status} localhost:5000/app:1: no answer; refused: pull secret shop/regcred", Short(finding));
        Assert.Contains(hint, finding.Hint);
    }

    [Fact]
    public void Registries_ServedWithTheSameCredential_ShareALine()
    {
        AskedImage Served(string image, string credential) => new(
            ImageReference.Parse(image).Value!, credential, [], new ServedCheck(ImageReference.Parse(image).Value!, Now, Digest.Parse($"sha256:{new string('a', 64)}"), "application/json"));

        var findings = RegistriesChecker.Of([Served("ghcr.io/a:1", "pull secret shop/regcred"), Served("ghcr.io/b:1", "anonymous"), Served("ghcr.io/c:1", "pull secret shop/regcred")], [], unasked: 3, isInPod: true);

        Assert.Equal(
            [
                "Ok ghcr.io/a:1 and 1 more image: served, with pull secret shop/regcred", "Ok ghcr.io/b:1: served, without credentials",
                "Ok 3 more images not asked for, of registries that do not answer or since there are many",
            ],
            findings.Select(Short));
    }

    /// <summary>What doctor asks about is what the example grants.</summary>
    [Fact]
    public void Permissions_WithDefaultOptions_AreThoseOfTheExample()
    {
        var yaml = File.ReadAllText(Path.Combine(RepositoryRoot.Find(), "docs/examples/rbac.yaml"));
        var granted =
            from Match rule in Regex.Matches(yaml, @"apiGroups: \[(?<group>[^\]]*)\]\s+resources: \[(?<resources>[^\]]*)\]\s+verbs: \[(?<verbs>[^\]]*)\]", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            from resource in rule.Groups["resources"].Value.Split(", ")
            from verb in rule.Groups["verbs"].Value.Split(", ")
            select $"{rule.Groups["group"].Value}/{resource} {verb}".Replace("\"", "", StringComparison.Ordinal);

        var options = ProgramOptions.Default;
        Assert.Equal(granted.Order(StringComparer.Ordinal), Asked([], options).Select(asked => asked[2..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Permissions_OfNamespaces_AreAskedThereExceptForNodes()
    {
        var asked = Asked(["shop"], ProgramOptions.Default).ToList();

        Assert.Equal(["* /nodes list", "* /nodes watch"], asked.Where(line => line.StartsWith('*')));
        Assert.Contains("shop apps/deployments patch", asked);
        Assert.Contains("shop /secrets get", asked);
    }

    private static VolumeState Volume => new("/data", WriteProblem: null, Flush: TimeSpan.FromMilliseconds(5), Free: 200 << 20, Mount: null, Store: null);

    private static IEnumerable<string> Asked(IReadOnlyList<string> namespaces, ImageUpdaterOptions options) => Permission.Of(namespaces, options.Access, options.Serving)
        .Select(asked => $"{asked.Namespace ?? "*"} {asked.Permission.Group}/{asked.Permission.Resource} {asked.Permission.Verb}");

    private static string Short(Finding finding) => $"{finding.Status} {finding.Message}";
}
