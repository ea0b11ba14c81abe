using System.Globalization;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Host.Commands;

/// <summary>Formats the time of the next check of images.</summary>
internal static class NextCheck
{
    /// <summary>For a container whose image could not be read; empty for other reasons, or if the next check is not scheduled.</summary>
    public static string Of(RolloutPlan plan, WorkloadPlan workload, ContainerDecision container)
    {
        var images = plan.Images.Where(image => image.Image == container.Image && image.Reader.Includes(workload.Key.Namespace));
        if (container.Reason != DecisionReason.RegistryFailed || images.MaxBy(image => image.Reader)?.NextCheck is not { } at)
            return "";

        return $" (next check {Text(plan, at)})";
    }

    /// <summary>One line per registry. The JSON and Markdown plans and <c>explain</c> have the next check of each image.</summary>
    public static IReadOnlyList<string> ByRegistry(RolloutPlan plan) =>
    [
        .. plan.Images.Where(image => image.NextCheck is not null).GroupBy(image => image.Image.Registry, StringComparer.OrdinalIgnoreCase)
            .Select(registry => (registry.Key, Count: registry.Select(image => image.Image).Distinct().Count(), First: registry.Min(image => image.NextCheck!.Value), Last: registry.Max(image => image.NextCheck!.Value)))
            .Select(registry => $"{registry.Key}, {(registry.Count == 1 ? "1 image" : $"{registry.Count} images")}: {Text(plan, registry.First)}"
                + (registry.First == registry.Last ? "" : $" to {Text(plan, registry.Last)}")),
    ];

    private static string Text(RolloutPlan plan, DateTimeOffset at) => at.UtcDateTime.ToString(
        at.UtcDateTime.Date == plan.CreatedAt.UtcDateTime.Date ? "HH:mm:ss'Z'" : "yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
