using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Reports;
using ImageUpdater.UnitTests.Planning;

namespace ImageUpdater.UnitTests.Reports;

public sealed class SeenWorkloadsTests
{
    [Theory]
    [InlineData(0, null, null, null)]
    [InlineData(0, 12, null, "12 workloads, 0 enabled: none has the annotation image-updater.eznix86.github.io/enabled: \"true\" in its own metadata.")]
    [InlineData(0, 0, "shpo", "0 workloads, 0 enabled: there are none in namespace shpo; check the name.")]
    [InlineData(0, 0, "one,two", "0 workloads, 0 enabled: there are none in the namespaces one, two; check the names.")]
    [InlineData(0, 0, null, "0 workloads, 0 enabled: there are none in the cluster.")]
    [InlineData(1, 0, null, "1 workload, 1 enabled.")]
    [InlineData(2, 1, null, "3 workloads, 2 enabled.")]
    public void Describe_Counts_SaysWhatWasSeen(int enabled, int? notEnabled, string? namespaces, string? expected)
    {
        var plan = new RolloutPlan
        {
            CreatedAt = Given.Now,
            Scope = PlanScope.Everything with { Namespaces = namespaces?.Split(',') },
            Workloads = [.. Enumerable.Range(0, enabled).Select(i => new WorkloadPlan { Key = new("a", WorkloadKind.Deployment, $"w{i}"), Uid = $"u{i}", ResourceVersion = "1", Containers = [] })],
            NotEnabled = notEnabled,
        };

        Assert.Equal(expected, SeenWorkloads.Describe(plan));
        Assert.Null(SeenWorkloads.Describe(plan.Kept()));
    }
}
