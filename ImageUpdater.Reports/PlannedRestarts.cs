using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>How many workloads a plan restarts, at once and as rollout slots become free.</summary>
public static class PlannedRestarts
{
    /// <summary>For example <c>35 to restart (5 now, 30 queued)</c>, or <c>5 to restart</c>.</summary>
    public static string Describe(PlanCounts counts) => $"{Words.Number(counts.Restart + counts.Queued)} to restart{Split(counts)}";

    /// <summary>For example <c> (5 now, 30 queued)</c>; empty if none is queued.</summary>
    public static string Split(PlanCounts counts) =>
        counts.Queued == 0 ? "" : $" ({Words.Number(counts.Restart)} now, {Words.Number(counts.Queued)} queued)";
}
