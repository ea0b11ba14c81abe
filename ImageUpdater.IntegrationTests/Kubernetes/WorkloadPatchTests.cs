using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Workloads;

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

    private static readonly PullPolicyChange Side = new("side", IsInit: false, "IfNotPresent");
    private static readonly PullPolicyChange Setup = new("setup", IsInit: true, "IfNotPresent");

    [Fact]
    public void Restart_WithAPin_WritesImageAndAnnotation() => Assert.Equal(
        """{"metadata":{"uid":"u-1","resourceVersion":"42","annotations":{"image-updater.eznix86.github.io/last-digest":"x","image-updater.eznix86.github.io/pinned-digest":"app:y"}},"spec":"""
        + """{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"t"}},"spec":"""
        + """{"containers":[{"name":"side","imagePullPolicy":"Always"},{"name":"app","image":"nginx:latest@sha256:0b"}]}}}}""",
        WorkloadPatch.Restart(Web, "t", new("x", [Side]) { Images = [new("app", IsInit: false, "nginx", "nginx:latest@sha256:0b")], PinnedDigest = "app:y" }));

    [Fact]
    public void Restart_WithoutPinsAnyMore_TakesTheAnnotationAway() => Assert.Contains(
        "\"image-updater.eznix86.github.io/pinned-digest\":null",
        WorkloadPatch.Restart(Web, "t", new("x", []) { PinnedDigest = "" }),
        StringComparison.Ordinal);

    [Fact]
    public void Restart_WithoutPolicies_LeavesThePodSpecOut() => Assert.Equal(
        """{"metadata":{"uid":"u-1","resourceVersion":"42","annotations":{"image-updater.eznix86.github.io/last-digest":"app:sha256:0a"}},"spec":"""
        + """{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-11-22T10:00:00Z"}}}}}""",
        WorkloadPatch.Restart(Web, "2026-11-22T10:00:00Z", new("app:sha256:0a", [])));

    [Fact]
    public void Restart_WithPolicies_NamesTheseContainersOnly() => Assert.Equal(
        """{"metadata":{"uid":"u-1","resourceVersion":"42","annotations":{"image-updater.eznix86.github.io/last-digest":"x"}},"spec":{"template":"""
        + """{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"t"}},"spec":"""
        + """{"containers":[{"name":"side","imagePullPolicy":"Always"}],"initContainers":[{"name":"setup","imagePullPolicy":"Always"}]}}}}""",
        WorkloadPatch.Restart(Web, "t", new("x", [Side, Setup])));

    [Fact]
    public void Restart_InitContainersOnly_LeavesTheContainersOut() => Assert.EndsWith(
        """:{"initContainers":[{"name":"setup","imagePullPolicy":"Always"}]}}}}""",
        WorkloadPatch.Restart(Web, "t", new("x", [Setup])),
        StringComparison.Ordinal);

    [Fact]
    public void Restart_ContainerThatTheTemplateLacks_Throws() =>
        Assert.Throws<ArgumentException>(() => WorkloadPatch.Restart(Web, "t", new("x", [Setup with { IsInit = false }])));

    [Fact]
    public void RemoveLegacyFinalizer_TakesOnlyThatOne() => Assert.Equal(
        """{"metadata":{"uid":"u-1","resourceVersion":"42","$deleteFromPrimitiveList/finalizers":["image-updater.eznix86.github.io/finalizer"]}}""",
        WorkloadPatch.RemoveLegacyFinalizer(Web));
}
