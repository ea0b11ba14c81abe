using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Reports;

/// <summary>How many workloads were read for a plan, so that one that does nothing says whether there was anything to look at.</summary>
public static class SeenWorkloads
{
    /// <returns>One sentence; null if the plan does not know.</returns>
    public static string? Describe(RolloutPlan plan)
    {
        if (plan.NotEnabled is not { } notEnabled)
            return null;

        var enabled = plan.Workloads.Count;
        var seen = $"{Words.Count(enabled + notEnabled, "workload")}, {Words.Number(enabled)} enabled";
        return (enabled, notEnabled) switch
        {
            (0, 0) => $"{seen}: there are none in {Where(plan.Scope)}.",
            (0, _) => $"{seen}: none has the annotation {Annotations.Enabled}: \"true\" in its own metadata.",
            _ => $"{seen}.",
        };
    }

    private static string Where(PlanScope scope) => scope.Namespaces switch
    {
        null => "the cluster",
        [var only] => $"namespace {only}; check the name",
        _ => $"the namespaces {string.Join(", ", scope.Namespaces)}; check the names",
    };
}
