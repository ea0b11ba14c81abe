using System.Globalization;
using ImageUpdater.Core.Planning;

namespace ImageUpdater.Host.Commands;

/// <summary>For a container whose image can't be read: when it is tried again, in a few words.</summary>
internal static class NextCheck
{
    /// <summary>Empty where that is not known, or not the point.</summary>
    public static string Of(RolloutPlan plan, ContainerDecision container)
    {
        if (container.Reason != DecisionReason.RegistryFailed || plan.Images.FirstOrDefault(image => image.Image == container.Image)?.NextCheck is not { } at)
            return "";

        var format = at.UtcDateTime.Date == plan.CreatedAt.UtcDateTime.Date ? "HH:mm:ss'Z'" : "yyyy-MM-dd HH:mm:ss'Z'";
        return $" (next check {at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture)})";
    }
}
