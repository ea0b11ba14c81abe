using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>Enabled workloads, and annotations that are misspelt, misplaced or invalid.</summary>
internal static class WorkloadsChecker
{
    private const int MostNamed = 20;

    /// <param name="plan">Made without observations: its warnings say what is wrong with the annotations.</param>
    public static IEnumerable<Finding> Of(RolloutPlan plan)
    {
        var seen = (SeenWorkloads.Describe(plan) ?? Words.Count(plan.Workloads.Count, "enabled workload")).TrimEnd('.');
        yield return plan.Workloads.Count > 0
            ? new Finding(DoctorCheck.Workloads, FindingStatus.Ok, seen)
            : new Finding(DoctorCheck.Workloads, FindingStatus.Warning, seen, $"enable one: kubectl annotate deployment NAME {Annotations.Enabled}=true");

        var warnings = plan.Warnings.Concat(plan.Workloads.SelectMany(workload => workload.Warnings.Select(text => $"{workload.Key}: {text}"))).ToList();
        foreach (var warning in warnings.Take(MostNamed))
            yield return new Finding(DoctorCheck.Workloads, FindingStatus.Warning, warning.TrimEnd('.'));
        if (warnings.Count > MostNamed)
            yield return new Finding(DoctorCheck.Workloads, FindingStatus.Warning, $"{Words.Count(warnings.Count - MostNamed, "more warning")} like these", "image-updater plan lists all of them");
    }
}
