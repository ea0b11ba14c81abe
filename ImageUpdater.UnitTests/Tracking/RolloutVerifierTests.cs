using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;
using ImageUpdater.UnitTests.Planning;

namespace ImageUpdater.UnitTests.Tracking;

public sealed class RolloutVerifierTests
{
    private static readonly WorkloadSnapshot Workload =
        Given.Workload("web", Given.Container("web", "r.io/app:1"), Given.Container("side", "r.io/side:1"));

    // The reports of the pods of web, which was restarted for the digest in the second column.
    [Theory]
    [InlineData("r.io/app@{D2}", "D2", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("docker-pullable://r.io/app@{D2}", "D2", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("r.io/mirror@{D2}", "D2", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("{D2}", "D2", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("docker://{C-D2}", "D2", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("r.io/app@{I3}", "I3", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("r.io/app@{M3}", "I3", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("docker://{C-M3}", "I3", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("docker://{C-M1}", "I3", RolloutVerification.Unverified, "the runtime of pod web-pod reports an image id, not a digest, for web")]
    [InlineData("{D1}", "D2", RolloutVerification.Unverified, "the runtime of pod web-pod reports an image id, not a digest, for web")]
    [InlineData("", "D2", RolloutVerification.Unverified, "pod web-pod reports no image digest for web")]
    [InlineData("rubbish", "D2", RolloutVerification.Unverified, "pod web-pod reports no image digest for web")]
    [InlineData("r.io/app@{D1}", "D2", RolloutVerification.Mismatch, "pod web-pod reports sha256:")]
    [InlineData("r.io/app@{I1}", "I3", RolloutVerification.Mismatch, "pod web-pod reports sha256:")]
    [InlineData("r.io/app@{D1}", "goneI", RolloutVerification.Mismatch, "pod web-pod reports sha256:")]
    public void Verify_OnePod_ComparesItsReport(string imageId, string to, RolloutVerification verification, string explanation)
    {
        var verdict = RolloutVerifier.Verify(Workload, [Given.Pod(Workload, ("web", imageId))], [Change("web", to)], Known);

        Assert.Equal(verification, verdict.Verification);
        Assert.StartsWith(explanation, verdict.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", RolloutVerification.Unverified, "there are no pods to check")]
    [InlineData("D2", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("D2 D2 D2", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData("D2 D1 D2", RolloutVerification.Mismatch, "pod web-pod reports sha256:")]
    [InlineData("D2 silent", RolloutVerification.Unverified, "pod web-pod reports no image digest for web")]
    [InlineData("silent D1 D2", RolloutVerification.Mismatch, "pod web-pod reports sha256:")]
    [InlineData("terminating", RolloutVerification.Unverified, "there are no pods to check")]
    [InlineData("terminating older D2", RolloutVerification.Verified, "all pods run the new digest")]
    public void Verify_SeveralPods_TheWorstSpeaksForAll(string pods, RolloutVerification verification, string explanation)
    {
        var snapshots = pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pod => pod switch
        {
            "silent" => Given.Pod(Workload),
            "terminating" => Given.Pod(Workload, ("web", "r.io/app@{D1}")) with { Terminating = true },
            "older" => Given.Pod(Workload, ("web", "r.io/app@{D1}")) with { RestartedAt = "2026-04-01T00:00:00Z" },
            _ => Given.Pod(Workload, ("web", $"r.io/app@{{{pod}}}")),
        });

        var verdict = RolloutVerifier.Verify(Workload, snapshots, [Change("web", "D2")], Known);

        Assert.Equal(verification, verdict.Verification);
        Assert.StartsWith(explanation, verdict.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_TwoChanges_LooksAtBothContainers()
    {
        var verdict = RolloutVerifier.Verify(
            Workload, [Given.Pod(Workload, ("web", "r.io/app@{D2}"), ("side", "r.io/side@{D3}"))], [Change("web", "D2"), Change("side", "D4")], Known);

        Assert.Equal(RolloutVerification.Mismatch, verdict.Verification);
        Assert.Contains(" for side, not sha256:", verdict.Explanation, StringComparison.Ordinal);
        Assert.Equal(["side"], verdict.Mismatched);
    }

    [Theory]
    [InlineData("IfNotPresent", "with imagePullPolicy IfNotPresent the node may have used a cached image")]
    [InlineData("Always", "the tag may have moved since, or a mirror may be behind")]
    public void Verify_Mismatch_NamesBothDigestsAndTheLikelyCause(string pullPolicy, string cause)
    {
        var workload = Given.Workload("web", Given.Container("web", "r.io/app:1", pullPolicy));
        var verdict = RolloutVerifier.Verify(workload, [Given.Pod(workload, ("web", "r.io/app@{D1}"))], [Change("web", "D2")], Known);
        Assert.Equal($"pod web-pod reports {Given.Digest("D1").Abbreviated} for web, not {Given.Digest("D2").Abbreviated}", verdict.Explanation);
        Assert.Equal(cause, verdict.LikelyCause);
    }

    // Of three pods, with this many updated. Pods of the current revision are those that were created after the restart.
    [Theory]
    [InlineData(true, 0, 0, "", RolloutVerification.Unverified, "3 of 3 pods wait to be deleted")]
    [InlineData(true, 0, 1, "D2", RolloutVerification.Unverified, "2 of 3 pods wait to be deleted")]
    [InlineData(true, 0, 2, "D2 D2", RolloutVerification.Unverified, "1 of 3 pods waits to be deleted")]
    [InlineData(true, 0, 3, "D2 D2 D2", RolloutVerification.Verified, "all pods run the new digest")]
    [InlineData(true, 0, 1, "D1", RolloutVerification.Mismatch, "pod web-pod reports sha256:")]
    [InlineData(false, 2, 1, "D2", RolloutVerification.Unverified, "2 of 3 pods wait until the partition (2) is lowered")]
    [InlineData(false, 2, 3, "D2 D2 D2", RolloutVerification.Verified, "all pods run the new digest")]
    public void Verify_PodsThatKubernetesDoesNotReplace_AreNoMismatch(bool onDelete, int partition, int updated, string pods, RolloutVerification verification, string explanation)
    {
        var workload = Workload with { Status = Given.Rolled with { OnDelete = onDelete, Partition = partition, Desired = 3, Total = 3, Updated = updated } };
        var old = Given.Pod(workload, ("web", "r.io/app@{D1}")) with { RestartedAt = "2026-04-01T00:00:00Z" };
        var current = pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pod => Given.Pod(workload, ("web", $"r.io/app@{{{pod}}}")));

        var verdict = RolloutVerifier.Verify(workload, [.. current, .. Enumerable.Repeat(old, 3 - updated)], [Change("web", "D2")], Known);
        Assert.Equal(verification, verdict.Verification);
        Assert.StartsWith(explanation, verdict.Explanation, StringComparison.Ordinal);
    }

    private static DigestChange Change(string container, string to) =>
        new(container, IsInit: false, "r.io/app:1", Given.Digest("D1"), Given.Digest(to), DecisionReason.DigestChanged);

    private static Core.Images.Manifest? Known(Core.Images.Digest digest) => Given.Manifests.TryGetValue(digest, out var found) ? found.Value : null;
}
