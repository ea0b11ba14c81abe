using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Workloads;

public sealed class WorkloadKeyTests
{
    [Theory]
    [InlineData("deployment", WorkloadKind.Deployment)]
    [InlineData("deployments", WorkloadKind.Deployment)]
    [InlineData("Deploy", WorkloadKind.Deployment)]
    [InlineData("sts", WorkloadKind.StatefulSet)]
    [InlineData("StatefulSet", WorkloadKind.StatefulSet)]
    [InlineData("ds", WorkloadKind.DaemonSet)]
    [InlineData("daemonsets", WorkloadKind.DaemonSet)]
    [InlineData("replicaset", null)]
    [InlineData("", null)]
    public void TryParseKind_TableRow_TakesKubectlsNames(string text, WorkloadKind? expected)
    {
        Assert.Equal(expected is not null, WorkloadKey.TryParseKind(text, out var kind));
        Assert.Equal(expected, kind);
    }

    [Fact]
    public void CompareTo_Several_OrdersByNamespaceKindAndName() => Assert.Equal(
        ["A/deployment/z", "a/deployment/b", "a/deployment/c", "a/statefulset/a", "a/daemonset/a", "b/deployment/a"],
        new WorkloadKey[]
        {
            new("b", WorkloadKind.Deployment, "a"), new("a", WorkloadKind.DaemonSet, "a"), new("a", WorkloadKind.StatefulSet, "a"),
            new("a", WorkloadKind.Deployment, "c"), new("a", WorkloadKind.Deployment, "b"), new("A", WorkloadKind.Deployment, "z"),
        }.Order().Select(key => key.ToString()));

    [Fact]
    public void CompareTo_Null_IsLater() => Assert.True(new WorkloadKey("a", WorkloadKind.Deployment, "a").CompareTo(other: null) > 0);

    [Fact]
    public void ContainerSpec_OfRubbish_KeepsABoundedText()
    {
        var spec = ContainerSpec.Of("web", "\u001b[2J" + new string('x', 100_000));

        Assert.Null(spec.Image.Value);
        Assert.InRange(spec.ImageText.Length, 1, 300);
        Assert.DoesNotContain(spec.ImageText, char.IsControl);
        Assert.Equal("Foo/bar:1", ContainerSpec.Of("web", "Foo/bar:1").ImageText);
    }

    [Fact]
    public void PullIdentity_SameSecretsInAnotherList_IsEqual()
    {
        var one = new PullIdentity("team", "default", ["a", "b"]);

        Assert.Equal(one, new PullIdentity("team", "default", new List<string> { "a", "b" }));
        Assert.Equal(one.GetHashCode(), new PullIdentity("team", "default", new List<string> { "a", "b" }).GetHashCode());
        Assert.NotEqual(one, new PullIdentity("team", "default", ["b", "a"]));
        Assert.NotEqual(one, new PullIdentity("other", "default", ["a", "b"]));
        Assert.NotEqual(one, new PullIdentity("team", "robot", ["a", "b"]));
    }
}
