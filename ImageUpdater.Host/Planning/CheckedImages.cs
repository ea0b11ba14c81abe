using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Planning;

/// <summary>What is served for the images of a selection, from the plan that was made after they were checked.</summary>
internal static class CheckedImages
{
    /// <summary>The message for an empty list.</summary>
    public const string NoneFound = "no enabled workload tracks such an image; image-updater resolve shows what a registry serves for any image";

    /// <summary>By name; empty if no enabled workload of the selection tracks such an image.</summary>
    public static IReadOnlyList<CheckedImageDocument> Of(MadePlan made, CheckSelection selection)
    {
        var outlooks = made.Input.Images.ToDictionary(outlook => outlook.Observed);
        return
        [
            .. from workload in made.Input.Workloads
               where selection.Covers(workload.Key)
               from image in ImageObserver.TrackedImages(workload).Distinct()
               where selection.Covers(image)
               // Namespaces may have read it with different credentials, and been served different digests.
               let read = made.Input.Checks.For(image, workload.Key.Namespace)?.Observed ?? image
               group workload.Key by read into users
               orderby users.Key
               select Of(users.Key, [.. users.Order()], made.Input, outlooks.GetValueOrDefault(users.Key)),
        ];
    }

    private static CheckedImageDocument Of(ObservedImage read, IReadOnlyList<WorkloadKey> workloads, PlanningInput input, ImageOutlook? outlook)
    {
        var check = input.Checks.GetValueOrDefault(read);
        var since = input.ServedSince.TryGetValue(read, out var at) ? at : (DateTimeOffset?)null;
        return CheckedImageDocument.Of(read.Image, check, since, outlook?.NextCheck, workloads);
    }
}
