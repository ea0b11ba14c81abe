using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Workloads;

public sealed class RunningDigestsTests
{
    private static readonly string Hex = new('a', 64);

    // The formats of imageID of containerd, CRI-O and cri-dockerd; {A} is replaced by a digest's hex part.
    [Theory]
    [InlineData("docker.io/library/nginx@sha256:{A}", "docker.io/library/nginx", "sha256:{A}")]
    [InlineData("registry.example.com:5000/team/app@sha256:{A}", "registry.example.com:5000/team/app", "sha256:{A}")]
    [InlineData("[2001:db8::1]:5000/app@sha256:{A}", "[2001:db8::1]:5000/app", "sha256:{A}")]
    [InlineData("docker.io/library/nginx:1.27@sha256:{A}", "docker.io/library/nginx", "sha256:{A}")]
    [InlineData("docker-pullable://nginx@sha256:{A}", "docker.io/library/nginx", "sha256:{A}")]
    [InlineData("docker-pullable://ghcr.io/team/app@sha256:{A}", "ghcr.io/team/app", "sha256:{A}")]
    [InlineData("docker://sha256:{A}", null, "sha256:{A}")]
    [InlineData("sha256:{A}", null, "sha256:{A}")]
    [InlineData("@sha256:{A}", null, "sha256:{A}")]
    [InlineData("<none>@sha256:{A}", null, "sha256:{A}")]
    [InlineData("{A}", null, null)]
    [InlineData("", null, null)]
    [InlineData("docker.io/library/nginx:latest", null, null)]
    [InlineData("docker.io/library/nginx@sha256:123", null, null)]
    [InlineData("nginx@", null, null)]
    [InlineData("docker://", null, null)]
    public void ReadImageId_TableRow_ReadsRepositoryAndDigest(string imageId, string? repository, string? digest)
    {
        var read = RunningDigests.ReadImageId(Fill(imageId)!);

        Assert.Equal(Fill(digest), read?.Digest.Value);
        Assert.Equal(repository, read?.Repository);
    }

    // One pod and the workload: whether the pod is one of web's current pods.
    [Theory]
    [InlineData(WorkloadKind.Deployment, "ReplicaSet/web-5d4f/rs", "5d4f", "T1", "", true)]
    [InlineData(WorkloadKind.Deployment, "ReplicaSet/web-5d4f/rs", "5d4f", "T1", "terminating", false)]
    [InlineData(WorkloadKind.Deployment, "ReplicaSet/web-5d4f/rs", "5d4f", "T0", "", false)]
    [InlineData(WorkloadKind.Deployment, "ReplicaSet/web-5d4f/rs", "5d4f", null, "", false)]
    [InlineData(WorkloadKind.Deployment, "ReplicaSet/web-5d4f/rs", "77aa", "T1", "", false)]
    [InlineData(WorkloadKind.Deployment, "ReplicaSet/web-api-5d4f/rs", "5d4f", "T1", "", false)]
    [InlineData(WorkloadKind.Deployment, "StatefulSet/web-5d4f/uid", "5d4f", "T1", "", false)]
    [InlineData(WorkloadKind.Deployment, null, "5d4f", "T1", "", false)]
    [InlineData(WorkloadKind.StatefulSet, "StatefulSet/web/uid", "web-2", "T1", "", true)]
    [InlineData(WorkloadKind.StatefulSet, "StatefulSet/web/uid", "web-1", "T1", "", false)]
    [InlineData(WorkloadKind.StatefulSet, "StatefulSet/web/another", "web-2", "T1", "", false)]
    [InlineData(WorkloadKind.StatefulSet, null, "web-2", "T1", "", false)]
    [InlineData(WorkloadKind.DaemonSet, "DaemonSet/web/uid", "any", "T1", "", true)]
    [InlineData(WorkloadKind.DaemonSet, "DaemonSet/web/uid", "any", "T1", "terminating", false)]
    [InlineData(WorkloadKind.DaemonSet, "DaemonSet/web/another", "any", "T1", "", false)]
    public void CurrentPods_TableRow_AcceptsThePresentTemplatesOnly(
        WorkloadKind kind, string? owner, string? hash, string? restartedAt, string flags, bool expected)
    {
        var workload = new WorkloadSnapshot
        {
            Key = new("default", kind, "web"),
            Uid = "uid",
            ResourceVersion = "1",
            Annotations = new Dictionary<string, string>(),
            Containers = [],
            RestartedAt = "T1",
            Status = new() { UpdateRevision = kind == WorkloadKind.StatefulSet ? "web-2" : null },
        };
        var parts = owner?.Split('/');
        var pod = new PodSnapshot(
            "pod", flags == "terminating", parts is null ? null : new(parts[0], parts[1], parts[2]), hash, restartedAt, new Dictionary<string, string>());

        Assert.Equal(expected, RunningDigests.CurrentPods(workload, [pod]).Count == 1);
    }

    private static string? Fill(string? text) => text?.Replace("{A}", Hex, StringComparison.Ordinal);
}
