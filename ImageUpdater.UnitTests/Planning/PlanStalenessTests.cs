using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.UnitTests.Planning;

public sealed class PlanStalenessTests
{
    private static readonly RolloutPlan Earlier = Plan("template");

    [Fact]
    public void Compare_SamePlan_IsNotStale() => Assert.Empty(PlanStaleness.Compare(Earlier, Plan("template")));

    [Fact]
    public void Compare_AnotherTemplateAndTheSameDecision_IsStale() =>
        Assert.Equal(["default/deployment/web: the pod template changed"], PlanStaleness.Compare(Earlier, Plan("another")));

    [Fact]
    public void Compare_PlanWithoutAFingerprint_GoesByTheDecision() => Assert.Empty(PlanStaleness.Compare(Plan(""), Plan("another")));

    [Fact]
    public void Compare_AnotherTemplateAndAnotherDecision_NamesTheDecision()
    {
        var message = Assert.Single(PlanStaleness.Compare(Earlier, Plan("another", served: "D3")));
        Assert.Contains("the registry now serves", message, StringComparison.Ordinal);
    }

    private static RolloutPlan Plan(string fingerprint, string served = "D2") => Planner.Plan(Given.Input(
        [Given.Workload("web", Given.Container("web", "r.io/app:1")) with { TemplateFingerprint = fingerprint }],
        [Given.Served("r.io/app:1", served)],
        Given.Baseline("web", "web", "r.io/app:1", "D1"))).Plan;
}
