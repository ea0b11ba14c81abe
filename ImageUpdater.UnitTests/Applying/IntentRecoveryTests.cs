using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Applying;

public sealed class IntentRecoveryTests
{
    // The patch wrote last-digest "new" and restartedAt "T1".
    [Theory]
    [InlineData("old", "old", "T0", false)]
    [InlineData("old", "old", null, false)]
    [InlineData("old", null, "T1", false)]
    [InlineData("old", "old", "T1", false)]
    [InlineData("old", "other", "T1", false)]
    [InlineData("old", "new", "T1", true)]
    [InlineData("old", "new", "T2", true)]
    [InlineData("old", "new", null, true)]
    [InlineData(null, null, "T0", false)]
    [InlineData(null, "new", "T1", true)]
    [InlineData(null, "new", "T2", true)]
    [InlineData("new", "new", "T1", true)]
    [InlineData("new", "new", "T0", false)]
    [InlineData("new", "new", null, false)]
    public void PatchArrived_TableRow_ReadsTheWorkload(string? lastDigestBefore, string? lastDigestNow, string? restartedAtNow, bool expected) =>
        Assert.Equal(expected, IntentRecovery.PatchArrived(Intent(lastDigestBefore), Now(lastDigestNow, restartedAtNow)));

    [Fact]
    public void PatchArrived_AnotherWorkloadUnderTheName_IsFalse() =>
        Assert.False(IntentRecovery.PatchArrived(Intent("old"), Now("new", "T1") with { Uid = "restored" }));

    private static Rollout Intent(string? lastDigestBefore) => new()
    {
        Id = "1",
        Workload = new("default", WorkloadKind.Deployment, "web"),
        Uid = "uid",
        Actor = "controller",
        StartedAt = DateTimeOffset.UnixEpoch,
        RestartedAt = "T1",
        LastDigest = "new",
        PreviousLastDigest = lastDigestBefore,
        Patch = "{}",
        ResourceVersionBefore = "1",
        Changes = [],
        Baselines = [],
        PullPolicies = [],
    };

    private static WorkloadSnapshot Now(string? lastDigest, string? restartedAt) => new()
    {
        Key = new("default", WorkloadKind.Deployment, "web"),
        Uid = "uid",
        ResourceVersion = "2",
        Annotations = lastDigest is null ? new Dictionary<string, string>() : new() { [Annotations.LastDigest] = lastDigest },
        Containers = [],
        RestartedAt = restartedAt,
        Status = new(),
    };
}
