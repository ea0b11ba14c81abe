using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;
using ImageUpdater.UnitTests.Planning;

namespace ImageUpdater.UnitTests.Tracking;

public sealed class RolloutReversalTests
{
    private const string Ours = "2026-05-04T11:00:00Z";
    private const string Before = "2026-05-01T00:00:00Z";

    private static readonly Rollout Rollout = new()
    {
        Id = "r-1",
        Workload = new("default", WorkloadKind.Deployment, "web"),
        Uid = "uid-web",
        Actor = "controller",
        StartedAt = new(2026, 5, 4, 11, 0, 0, 500, TimeSpan.Zero),
        RestartedAt = Ours,
        PreviousRestartedAt = Before,
        LastDigest = "",
        Patch = "{}",
        ResourceVersionBefore = "7",
        Baselines = [],
        PullPolicies = [],
        Changes = [new("web", IsInit: false, "r.io/app:1", Given.Digest("D1"), Given.Digest("D2"), DecisionReason.DigestChanged)],
    };

    [Theory]
    [InlineData(Before, Ours, false)]
    [InlineData(Before, null, true)]
    [InlineData(Before, Before, true)]
    [InlineData(Before, "2026-05-04T11:00:01Z", false)]
    [InlineData(Before, "2026-04-30T00:00:00Z", true)]
    [InlineData(null, "2026-04-30T00:00:00Z", true)]
    [InlineData(Before, "yesterday", false)]
    [InlineData(null, null, true)]
    [InlineData(null, Ours, false)]
    public void IsReverted_RestartedAtNow_IsNoneOrAnEarlierOne(string? before, string? now, bool reverted) =>
        Assert.Equal(reverted, RolloutReversal.IsReverted(Rollout with { PreviousRestartedAt = before }, Web with { RestartedAt = now }));

    [Theory]
    [InlineData(null, null, "restartedAt was removed")]
    [InlineData(null, "2026-05-04T11:00:00Z", "restartedAt was removed (probably by my-operator)")]
    [InlineData(null, "2026-05-04T10:59:59Z", "restartedAt was removed")]
    [InlineData(Before, "2026-05-04T11:00:09Z", "restartedAt was reset to 2026-05-01T00:00:00Z (probably by my-operator)")]
    public void Describe_LastWriterSinceThePatch_IsNamed(string? now, string? written, string message)
    {
        var writer = written is null ? null : new FieldWriter("my-operator", DateTimeOffset.Parse(written, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(message, RolloutReversal.Describe(Rollout, Web with { RestartedAt = now, LastTemplateWriter = writer }));
    }

    [Theory]
    [InlineData("r.io/app:1", "D2", true)]
    [InlineData("r.io/app:2", "D2", false)]
    [InlineData("r.io/app:1", "D3", false)]
    public void Standing_ImageOrBaselineChanged_IsNotAskedForAnyMore(string image, string baseline, bool stands)
    {
        var baselines = new[] { Given.Baseline("web", "web", image, baseline) }.ToDictionary(entry => entry.Id);
        Assert.Equal(stands, RolloutReversal.Standing(Rollout, Given.Workload("web", Given.Container("web", image)), baselines).Count == 1);
    }

    private static WorkloadSnapshot Web => Given.Workload("web", Given.Container("web", "r.io/app:1"));
}
