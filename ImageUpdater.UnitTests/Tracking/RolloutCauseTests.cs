using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;
using ImageUpdater.UnitTests.Planning;

namespace ImageUpdater.UnitTests.Tracking;

public sealed class RolloutCauseTests
{
    private static readonly WorkloadSnapshot Web = Given.Workload("web", Given.Container("app", "r.io/app:1"));
    private static readonly WorkloadSnapshot Db = Web with
    {
        Key = new("shop", WorkloadKind.StatefulSet, "db"),
        Status = Given.Rolling with { CurrentRevision = "db-1", UpdateRevision = "db-3" },
    };

    [Theory]
    [InlineData("ImagePullBackOff", "manifest unknown", null, 0, "ImagePullBackOff: manifest unknown (container app of pod web-pod)")]
    [InlineData("CrashLoopBackOff", null, 1, 4, "CrashLoopBackOff (container app of pod web-pod, exit code 1, 4 restarts)")]
    [InlineData("CrashLoopBackOff", "OOMKilled", 137, 1, "CrashLoopBackOff: OOMKilled (container app of pod web-pod, exit code 137, 1 restart)")]
    public void Of_BrokenPod_SaysWhatItSays(string reason, string? message, int? exitCode, int restarts, string expected) =>
        Assert.Equal(expected, RolloutCause.Of(Web, [Given.Pod(Web) with { Trouble = new("app", reason, message, exitCode, restarts) }]));

    [Fact]
    public void Of_SeveralPods_TheFirstOfTheRolloutSpeaks()
    {
        var pods = new[]
        {
            Given.Pod(Web) with { Name = "web-c", Trouble = new("app", "C") },
            Given.Pod(Web) with { Name = "web-b", Trouble = new(Container: null, "Unschedulable", "0/3 nodes are available") },
            Given.Pod(Web) with { Name = "web-a", Trouble = new("app", "A"), Terminating = true },
            Given.Pod(Web) with { Name = "web-0", Trouble = new("app", "Old"), RestartedAt = "2026-01-01T00:00:00Z" },
            Given.Pod(Given.Workload("other")) with { Name = "other-0", Trouble = new("app", "Other") },
        };
        Assert.Equal("Unschedulable: 0/3 nodes are available (pod web-b)", RolloutCause.Of(Web, pods));
    }

    [Fact]
    public void Of_NoPodSaysAnything_IsTheDeploymentsOwnFailureOrNothing()
    {
        Assert.Null(RolloutCause.Of(Web, [Given.Pod(Web)]));
        Assert.Equal("exceeded quota", RolloutCause.Of(Web with { Status = Given.Rolling with { ReplicaFailure = "exceeded quota" } }, []));
    }

    [Fact]
    public void Of_StatefulSetWithABrokenPodOfItsRevision_SaysWhatToDoLater() => Assert.Equal(
        "ErrImagePull: manifest unknown (container app of pod db-2); a StatefulSet does not replace its broken pod at the next rollout; once that has started, run kubectl delete pod db-2 --namespace shop",
        RolloutCause.Of(Db, [Given.Pod(Db) with { Name = "db-2", Trouble = new("app", "ErrImagePull", "manifest unknown") }]));

    [Fact]
    public void Of_StatefulSetWithABrokenPodOfAnEarlierRevision_NamesThePodToDelete() => Assert.Equal(
        "ErrImagePull (container app of pod db-2); pod db-2 of an earlier revision is not ready, and a StatefulSet does not replace such a pod: run kubectl delete pod db-2 --namespace shop",
        RolloutCause.Of(Db, [
            Given.Pod(Db) with { Name = "db-1", RevisionHash = "db-1", Ready = true },
            Given.Pod(Db) with { Name = "db-2", RevisionHash = "db-2", Trouble = new("app", "ErrImagePull") }]));

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Of_StatefulSetThatReplacesBrokenPods_GivesNoAdvice(bool parallel, bool onDelete)
    {
        var workload = Db with { Parallel = parallel, Status = Db.Status with { OnDelete = onDelete } };
        Assert.Null(RolloutCause.Of(workload, [Given.Pod(workload) with { Name = "db-2", RevisionHash = "db-2", Trouble = new("app", "ErrImagePull") }]));
    }
}
