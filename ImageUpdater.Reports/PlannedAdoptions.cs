using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>What a plan adopts, in one line, however many containers that are. Each has an audit record of its own.</summary>
public static class PlannedAdoptions
{
    private const int MostNamed = 5;

    /// <summary>For example <c>2 containers of 1 workload: shop/deployment/web</c>.</summary>
    public static string Describe(RolloutPlan plan)
    {
        var adopting = plan.Workloads.Where(workload => workload.Containers.Any(container => container.Adopt is not null)).ToList();
        var more = adopting.Count > MostNamed ? $" and {Words.Number(adopting.Count - MostNamed)} more" : "";
        return $"{Words.Count(plan.Counts.Adopted, "container")} of {Words.Count(adopting.Count, "workload")}: {string.Join(", ", adopting.Take(MostNamed).Select(workload => workload.Key))}{more}";
    }
}
