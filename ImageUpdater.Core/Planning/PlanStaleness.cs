using ImageUpdater.Core.Plans;

namespace ImageUpdater.Core.Planning;

/// <summary>
/// Whether an earlier plan still has the decisions that a plan made now has, for the same pod templates. Other inputs are not compared:
/// a status update, a new label or a different number of replicas changes the resourceVersion but no decision. Neither does the order
/// of queued rollouts.
/// </summary>
public static class PlanStaleness
{
    /// <summary>One message per change. Empty: the earlier plan may be applied.</summary>
    public static IReadOnlyList<string> Compare(RolloutPlan earlier, RolloutPlan now)
    {
        var present = now.Workloads.ToDictionary(workload => workload.Key);
        return [.. earlier.Wanted.SelectMany(change => Differences(change, present.GetValueOrDefault(change.Key)))];
    }

    // A changed image or pull policy has a more precise message than a changed template.
    private static List<string> Differences(WorkloadPlan earlier, WorkloadPlan? now)
    {
        List<string> differences = [.. Compare(earlier, now)];
        var isAnother = earlier.TemplateFingerprint.Length > 0 && now is not null && now.TemplateFingerprint != earlier.TemplateFingerprint;
        return differences.Count == 0 && isAnother ? [$"{earlier.Key}: the pod template changed"] : differences;
    }

    private static IEnumerable<string> Compare(WorkloadPlan earlier, WorkloadPlan? now)
    {
        if (now is null)
        {
            yield return $"{earlier.Key} no longer exists or is no longer enabled";
            yield break;
        }

        if (now.Uid != earlier.Uid)
        {
            yield return $"{earlier.Key} was deleted and recreated";
            yield break;
        }

        foreach (var container in earlier.Containers.Where(container => container.IsWanted))
        {
            if (Difference(container, now.Containers.FirstOrDefault(other => other.Container == container.Container)) is { } difference)
                yield return $"{earlier.Key} {container.Container}: {difference}";
        }

        foreach (var container in now.Containers.Where(container => container.IsDue))
        {
            if (!earlier.Containers.Any(other => other.Container == container.Container && other.IsWanted))
                yield return $"{earlier.Key} {container.Container}: now also due for a restart: {container.Explanation}";
        }

        if (earlier.Restart is { } restart && now.Restart is { } restartNow && !restart.PullPolicies.SequenceEqual(restartNow.PullPolicies))
            yield return $"{earlier.Key}: the pull policies changed";
        if (earlier.RemoveLegacyFinalizer && !now.RemoveLegacyFinalizer)
            yield return $"{earlier.Key}: the finalizer is already removed";
    }

    private static string? Difference(ContainerDecision earlier, ContainerDecision? now) => now switch
    {
        null => "the container no longer exists",
        _ when now.ImageText != earlier.ImageText => $"the image is now {UntrustedText.Bound(now.ImageText)}",
        { To: { } to } when to != earlier.To => $"the registry now serves {to.Abbreviated}, not {earlier.To?.Abbreviated}",
        _ when !now.IsDue => now.Explanation,
        _ when now.From != earlier.From => $"the baseline is now {now.From?.Abbreviated ?? "missing"}, not {earlier.From?.Abbreviated ?? "missing"}",
        _ => null,
    };
}
