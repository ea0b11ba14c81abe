using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

public sealed class PreflightTests
{
    [Theory]
    [InlineData("r.io/app:1", "Always", false, "")]
    [InlineData("r.io/app:1", "IfNotPresent", true, "")]
    [InlineData("r.io/app:1", "IfNotPresent", false, "the imagePullPolicy of web is IfNotPresent and the override is off: a restart may use the image cached on the node")]
    [InlineData("r.io/app:1", "Never", false, "the imagePullPolicy of web is Never: its image is not pulled, so a new digest restarts nothing")]
    [InlineData("r.io/app:1", "Never", true, "the imagePullPolicy of web is Never: its image is not pulled, so a new digest restarts nothing")]
    [InlineData("localhost:5000/app", "Always", true, "the image of web has no tag: latest is used")]
    [InlineData("nginx:latest", "Always", true, "")]
    [InlineData("r.io/app@{D1}", "Always", true, "the image of web is pinned to a digest: new digests are never rolled out")]
    public void Plan_Container_IsWarnedOf(string image, string policy, bool isOn, string warning) =>
        Assert.Equal(warning.Length == 0 ? [] : [warning], Warnings(Given.Workload("web", Given.Container("web", image, policy)), isOn));

    [Fact]
    public void Plan_OutageAndOnDelete_AreWarnedOf()
    {
        var web = Given.Workload("web", Given.Container("web", "r.io/app:1", "Always"));
        Assert.Equal(["one replica with the strategy Recreate: each restart is an outage"], Warnings(web with { Recreate = true }));
        Assert.Empty(Warnings(web with { Recreate = true, Status = Given.Rolled with { Desired = 2 } }));
        Assert.Equal(["update strategy is OnDelete: a restart changes nothing until the pods are deleted"], Warnings(web with { Status = Given.Rolled with { OnDelete = true } }));
    }

    [Fact]
    public void Plan_ImageVolumes_AreSaidNotToBeChecked() => Assert.Equal(
        ["image volumes are not checked for new digests: model, data"],
        Warnings(Given.Workload("web", Given.Container("web", "r.io/app:1", "Always")) with { ImageVolumes = ["model", "data"] }));

    [Fact]
    public void Plan_ImageThatIstioReplaces_IsSkippedWithItsReason()
    {
        var plan = Planner.Plan(Given.Input([Given.Workload("web", Given.Container("istio-proxy", "auto"))], [])).Plan;

        var decision = Assert.Single(Assert.Single(plan.Workloads).Containers);
        Assert.Equal((Core.Plans.ContainerAction.Skip, Core.Plans.DecisionReason.InvalidImage), (decision.Action, decision.Reason));
        Assert.StartsWith("the image 'auto' is a placeholder that Istio replaces in the pods", decision.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_FieldsOfOthers_AreWarnedOfWhereARestartWritesThem()
    {
        var web = Given.Workload("web", Given.Container("web", "r.io/app:1", "Always"), Given.Container("side", "r.io/side@{D1}")).With(Annotations.IgnoreContainers, "side") with
        {
            ForeignFields = [new("argocd-controller", ForeignField.RestartedAt), new("kustomize-controller", ForeignField.PullPolicy)],
        };
        Assert.Equal(["argocd-controller owns the restartedAt annotation and may revert what a restart writes"], Warnings(web));
        Assert.Equal(2, Warnings(web, isOn: true).Count);
    }

    [Fact]
    public void Plan_PinnedByUs_IsNoPinOfTheUsers() => Assert.Empty(Warnings(
        Given.Workload("web", Given.Container("web", "r.io/app:1@{D1}", "Always")).With(Annotations.PinnedDigest, "web:{D1}")));

    private static IReadOnlyList<string> Warnings(WorkloadSnapshot workload, bool isOn = false) =>
        Planner.Plan(Given.Input([workload], []) with { Options = new() { PullPolicyAlways = isOn } }).Plan.Workloads.Single().Warnings;
}
