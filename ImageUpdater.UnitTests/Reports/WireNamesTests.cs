using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

public sealed class WireNamesTests
{
    [Fact]
    public void EveryValue_OfEveryEnum_HasANameAndComesBack()
    {
        AssertComplete<WorkloadKind>(WireNames.Kinds);
        AssertComplete<ContainerAction>(WireNames.Actions);
        AssertComplete<DecisionReason>(WireNames.Reasons);
        AssertComplete<BaselineOrigin>(WireNames.Origins);
        AssertComplete<RolloutState>(WireNames.States);
        AssertComplete<RolloutVerification>(WireNames.Verifications);
        AssertComplete<AuditAction>(WireNames.AuditActions);
        AssertComplete<RegistryFailureKind>(WireNames.Failures);
    }

    private static void AssertComplete<T>(WireEnum<T> names)
        where T : struct, Enum => Assert.All(Enum.GetValues<T>(), value =>
    {
        Assert.Matches("^[a-z]+(-[a-z]+)*$", names[value]);
        Assert.True(names.TryRead(names[value], out var read));
        Assert.Equal(value, read);
    });
}
