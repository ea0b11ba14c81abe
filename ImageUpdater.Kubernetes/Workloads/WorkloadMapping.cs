using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>From the API's objects to Core's.</summary>
internal static class WorkloadMapping
{
    private static readonly Dictionary<string, string> NoAnnotations = [];

    /// <returns>Null when the object lacks what every stored object has.</returns>
    public static WorkloadSnapshot? ToSnapshot(WorkloadObject workload, WorkloadKind kind, ImageTexts images)
    {
        if (workload.Metadata is not { Name: { } name, Namespace: { } @namespace, Uid: { } uid, ResourceVersion: { } version } meta)
            return null;

        var template = workload.Spec?.Template;
        return new WorkloadSnapshot
        {
            Key = new WorkloadKey(@namespace, kind, name),
            Uid = uid,
            ResourceVersion = version,
            Annotations = meta.Annotations ?? NoAnnotations,
            Containers = Containers(template?.Spec?.Containers, images),
            InitContainers = Containers(template?.Spec?.InitContainers, images),
            TemplateFingerprint = template?.Fingerprint ?? "",
            RestartedAt = template?.Metadata?.Annotations?.RestartedAt is { } restartedAt ? UntrustedText.Bound(restartedAt) : null,
            Status = RolloutStatusMapping.ToStatus(workload, kind),
            // The largest number is how Kubernetes writes "none".
            ProgressDeadline = kind == WorkloadKind.Deployment && workload.Spec?.ProgressDeadlineSeconds is { } seconds and < int.MaxValue ? TimeSpan.FromSeconds(seconds) : null,
            Parallel = kind == WorkloadKind.StatefulSet && workload.Spec?.PodManagementPolicy == "Parallel",
            Paused = kind == WorkloadKind.Deployment && workload.Spec is { Paused: true },
            Recreate = kind == WorkloadKind.Deployment && workload.Spec?.Strategy?.Type == "Recreate",
            ForeignFields = meta.ManagedFields ?? [],
            Deleting = meta.DeletionTimestamp is not null,
            HasLegacyFinalizer = meta.Finalizers?.Contains(Annotations.LegacyFinalizer) == true,
            PodSelector = LabelSelectorText.Of(workload.Spec?.Selector),
            PullIdentity = PullIdentityOf(@namespace, template?.Spec),
        };
    }

    private static IReadOnlyList<ContainerSpec> Containers(IReadOnlyList<ContainerObject>? containers, ImageTexts images) =>
        [.. (containers ?? []).Select(item => images.Container(item.Name ?? "", item.Image ?? "", item.ImagePullPolicy))];

    private static PullIdentity PullIdentityOf(string @namespace, PodTemplateSpec? spec)
    {
        var account = string.IsNullOrEmpty(spec?.ServiceAccountName) ? "default" : spec.ServiceAccountName;
        return new PullIdentity(@namespace, account, SecretNames(spec?.ImagePullSecrets));
    }

    /// <summary>In the order written, which is the order tried.</summary>
    public static string[] SecretNames(IReadOnlyList<LocalReference>? references) =>
        [.. (references ?? []).Select(reference => reference.Name).OfType<string>().Where(name => name.Length > 0)];
}
