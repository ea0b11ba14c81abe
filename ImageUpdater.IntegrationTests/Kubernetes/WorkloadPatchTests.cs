using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Kubernetes;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class WorkloadPatchTests
{
    private static readonly WorkloadSnapshot Web = new()
    {
        Key = new WorkloadKey("a", WorkloadKind.Deployment, "web"),
        Uid = "u-1",
        ResourceVersion = "42",
        Annotations = new Dictionary<string, string>(),
        Containers = [ContainerSpec.Of("app", "nginx"), ContainerSpec.Of("side", "busybox")],
        InitContainers = [ContainerSpec.Of("setup", "busybox")],
        Status = new RolloutStatus(),
    };

    [Fact]
    public void Restart_WithoutPolicies_LeavesThePodSpecOut() => Assert.Equal(
        """{"metadata":{"uid":"u-1","resourceVersion":"42","annotations":{"image-updater.eznix86.github.io/last-digest":"app:sha256:0a"}},"spec":"""
        + """{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-11-22T10:00:00Z"}}}}}""",
        WorkloadPatch.Restart(Web, "2026-11-22T10:00:00Z", "app:sha256:0a", [], []));

    [Fact]
    public void Restart_WithPolicies_NamesTheseContainersOnly() => Assert.Equal(
        """{"metadata":{"uid":"u-1","resourceVersion":"42","annotations":{"image-updater.eznix86.github.io/last-digest":"x"}},"spec":{"template":"""
        + """{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"t"}},"spec":"""
        + """{"containers":[{"name":"side","imagePullPolicy":"Always"}],"initContainers":[{"name":"setup","imagePullPolicy":"Always"}]}}}}""",
        WorkloadPatch.Restart(Web, "t", "x", ["side"], ["setup"]));

    [Fact]
    public void Restart_InitContainersOnly_LeavesTheContainersOut() => Assert.EndsWith(
        """:{"initContainers":[{"name":"setup","imagePullPolicy":"Always"}]}}}}""",
        WorkloadPatch.Restart(Web, "t", "x", [], ["setup"]),
        StringComparison.Ordinal);

    [Fact]
    public void Restart_ContainerThatTheTemplateLacks_Throws() =>
        Assert.Throws<ArgumentException>(() => WorkloadPatch.Restart(Web, "t", "x", ["setup"], []));

    [Fact]
    public void RemoveLegacyFinalizer_TakesOnlyThatOne() => Assert.Equal(
        """{"metadata":{"uid":"u-1","resourceVersion":"42","$deleteFromPrimitiveList/finalizers":["image-updater.eznix86.github.io/finalizer"]}}""",
        WorkloadPatch.RemoveLegacyFinalizer(Web));
}
