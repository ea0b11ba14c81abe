using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>Warnings in the plan about restarts that would not do what a user expects.</summary>
internal static class Preflight
{
    public static IReadOnlyList<string> Of(WorkloadSnapshot workload, ContainerSelection selection, PullPolicyOverride pullPolicies)
    {
        List<string>? warnings = null;
        var pins = TagPins.Of(workload);
        foreach (var container in selection.Tracked)
            Check(container);
        foreach (var container in selection.TrackedInit)
            Check(container);

        if (workload.Recreate && workload.Status.Desired == 1)
            Warn("one replica with the strategy Recreate: each restart is an outage");
        if (workload.Status.OnDelete)
            Warn("update strategy is OnDelete: a restart changes nothing until the pods are deleted");
        if (workload.ImageVolumes.Count > 0)
            Warn($"image volumes are not checked for new digests: {UntrustedText.Bound(string.Join(", ", workload.ImageVolumes))}");
        var setsPullPolicies = workload.ForeignFields.Count > 0 && pullPolicies.Changes(selection).Count > 0;
        foreach (var (manager, field) in workload.ForeignFields.Where(field => field.Field != ForeignField.PullPolicy || setsPullPolicies))
            Warn($"{manager} owns the {field} and may revert what a restart writes");
        return warnings ?? (IReadOnlyList<string>)[];

        void Check(ContainerSpec container)
        {
            if (container.Image.Value is { IsPinned: true } && !pins.IsOurs(container))
                Warn($"the image of {container.Name} is pinned to a digest: new digests are never rolled out");
            if (container.IsNeverPulled)
                Warn($"the imagePullPolicy of {container.Name} is Never: its image is not pulled, so a new digest restarts nothing");
            else if (pullPolicies.WasSetBack(container))
            {
                var by = container.PullPolicyManager is { } manager ? $" by {manager}" : "";
                Warn($"the imagePullPolicy of {container.Name} was set back to {container.PullPolicy ?? "its default"}{by} and is not overridden again; "
                    + "set imagePullPolicy: Always in the manifest, or a restart may use the image cached on the node");
            }
            else if (container.PullPolicy == "IfNotPresent" && !pullPolicies.IsOn && container.Image.Value is { IsPinned: false })
                Warn($"the imagePullPolicy of {container.Name} is IfNotPresent and the override is off: a restart may use the image cached on the node");
            if (container.Image.Value is { IsPinned: false } image && !HasTag(container.ImageText, image))
                Warn($"the image of {container.Name} has no tag: latest is used");
        }

        void Warn(string warning) => (warnings ??= []).Add(warning);
    }

    private static bool HasTag(string text, Images.ImageReference image) => text.EndsWith(":" + image.Tag, StringComparison.Ordinal);
}
