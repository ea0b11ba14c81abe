using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>How many workloads run an older digest than their tag serves, and what happens to them.</summary>
public static class OutdatedWorkloads
{
    /// <returns>One sentence; null if there are none.</returns>
    public static string? Describe(RolloutPlan plan)
    {
        var outdated = plan.Outdated.ToList();
        if (outdated.Count == 0)
            return null;

        var due = outdated.Count(workload => workload.Containers.Any(container => container.IsDue));
        var held = outdated.Count - due;
        var (run, their) = outdated.Count == 1 ? ("runs", "its") : ("run", "their");
        var atATime = plan.Limits is { } limits ? $", at most {Words.Number(limits.MaxRollouts)} at a time and {Words.Number(limits.MaxRolloutsPerNamespace)} per namespace" : "";
        var then = (due, held) switch
        {
            (0, _) => $"; {Held(held)}",
            (_, 0) => $" and will be restarted{atATime}",
            _ => $"; {Words.Number(due)} will be restarted{atATime}; {Held(held)}",
        };
        return $"{Words.Count(outdated.Count, "workload")} {run} an older digest than {their} tag serves{then}.";
    }

    private static string Held(int count) => $"{Words.Number(count)} {(count == 1 ? "is" : "are")} held";
}
