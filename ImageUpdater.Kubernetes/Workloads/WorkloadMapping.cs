using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>Maps the API's workloads to <see cref="WorkloadSnapshot"/>.</summary>
internal static class WorkloadMapping
{
    /// <returns>Null if name, namespace, uid or resourceVersion is missing.</returns>
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
            Annotations = meta.Annotations ?? OwnAnnotationsConverter.None,
            TemplateAnnotations = template?.Metadata?.Annotations?.Own ?? OwnAnnotationsConverter.None,
            Containers = Containers(template?.Spec?.Containers, images, meta.ManagedFields),
            InitContainers = [.. (template?.Spec?.InitContainers ?? []).Select(item => Container(item, images, meta.ManagedFields) with { IsSidecar = item.RestartPolicy == "Always" })],
            ImageVolumes = [.. (template?.Spec?.Volumes ?? []).Where(volume => volume.Image is not null).Select(volume => volume.Name ?? "")],
            TemplateFingerprint = template?.Fingerprint ?? "",
            RestartedAt = template?.Metadata?.Annotations?.RestartedAt is { } restartedAt ? UntrustedText.Bound(restartedAt) : null,
            Status = RolloutStatusMapping.ToStatus(workload, kind),
            // The largest number is how Kubernetes writes "none".
            ProgressDeadline = kind == WorkloadKind.Deployment && workload.Spec?.ProgressDeadlineSeconds is { } seconds and < int.MaxValue ? TimeSpan.FromSeconds(seconds) : null,
            Parallel = kind == WorkloadKind.StatefulSet && workload.Spec?.PodManagementPolicy == "Parallel",
            Paused = kind == WorkloadKind.Deployment && workload.Spec is { Paused: true },
            Recreate = kind == WorkloadKind.Deployment && workload.Spec?.Strategy?.Type == "Recreate",
            ForeignFields = meta.ManagedFields?.Foreign ?? [],
            OwnsOthersFields = meta.ManagedFields is { OursToGiveUp: true },
            LastTemplateWriter = meta.ManagedFields?.LastTemplateWriter,
            Deleting = meta.DeletionTimestamp is not null,
            HasLegacyFinalizer = meta.Finalizers?.Contains(Annotations.LegacyFinalizer) == true,
            PodSelector = LabelSelectorText.Of(workload.Spec?.Selector),
            PullIdentity = PullIdentityOf(@namespace, template?.Spec),
        };
    }

    private static IReadOnlyList<ContainerSpec> Containers(IReadOnlyList<ContainerObject>? containers, ImageTexts images, ManagedFields? fields) =>
        [.. (containers ?? []).Select(item => Container(item, images, fields))];

    private static ContainerSpec Container(ContainerObject item, ImageTexts images, ManagedFields? fields)
    {
        var container = images.Container(item.Name ?? "", item.Image ?? "", item.ImagePullPolicy);
        return container.PullPolicy != "Always" && fields?.PullPolicies?.GetValueOrDefault(container.Name) is { } claim
            ? container with { PullPolicyManager = claim.Manager }
            : container;
    }

    private static PullIdentity PullIdentityOf(string @namespace, PodTemplateSpec? spec)
    {
        var account = string.IsNullOrEmpty(spec?.ServiceAccountName) ? "default" : spec.ServiceAccountName;
        return new PullIdentity(@namespace, account, SecretNames(spec?.ImagePullSecrets));
    }

    /// <summary>In the order of the pod spec, in which the credentials are tried.</summary>
    public static string[] SecretNames(IReadOnlyList<LocalReference>? references) =>
        [.. (references ?? []).Select(reference => reference.Name).OfType<string>().Where(name => name.Length > 0)];
}
