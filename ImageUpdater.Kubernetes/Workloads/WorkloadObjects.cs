using System.Text.Json.Serialization;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Watching;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Workloads;

// One model for the three kinds, with only the fields that are used; all are optional. Not the client library's models, which would keep all
// fields of thousands of workloads that are not enabled, and lack fields of newer API versions, which the template's fingerprint needs.

internal sealed record WorkloadPage(V1ListMeta? Metadata, EnabledWorkloads? Items);

internal sealed record LocalReference(string? Name);

internal sealed record WorkloadObject(WorkloadMeta? Metadata, WorkloadSpec? Spec, WorkloadStatus? Status)
{
    [JsonIgnore]
    public bool IsEnabled => Metadata?.Annotations?.GetValueOrDefault(Annotations.Enabled) == "true";

    /// <summary>Why it is not enabled although somebody meant it to be; null if that is not so.</summary>
    [JsonIgnore]
    public string? Mistake => NotEnabled.MistakeOf(
        Metadata?.Annotations ?? OwnAnnotationsConverter.None, Spec?.Template?.Metadata?.Annotations?.Own ?? OwnAnnotationsConverter.None);

    public EnablingMistake? MistakeOf(WorkloadKind kind) =>
        Mistake is { } why && Metadata is { Namespace: { } @namespace, Name: { } name } ? new EnablingMistake(new WorkloadKey(@namespace, kind, name), why) : null;
}

/// <summary>The object of a watch event: a workload or, if the type is ERROR, a Status, whose <c>status</c> field is a string.</summary>
internal sealed record WatchedWorkload(
    int Code, string? Message, WorkloadMeta? Metadata, WorkloadSpec? Spec, [property: JsonConverter(typeof(WatchedStatusConverter))] WorkloadStatus? Status)
    : IWatchedObject
{
    [JsonIgnore]
    public WorkloadObject Workload => new(Metadata, Spec, Status);

    string? IWatchedObject.Uid => Metadata?.Uid;

    string? IWatchedObject.ResourceVersion => Metadata?.ResourceVersion;
}

internal sealed record WorkloadMeta(
    string? Name,
    string? Namespace,
    string? Uid,
    string? ResourceVersion,
    long Generation,
    string? DeletionTimestamp,
    [property: JsonConverter(typeof(OwnAnnotationsConverter))] IReadOnlyDictionary<string, string>? Annotations,
    IReadOnlyList<string>? Finalizers,
    [property: JsonConverter(typeof(ManagedFieldsConverter))] ManagedFields? ManagedFields);

internal sealed record WorkloadSpec(
    int? Replicas, bool Paused, int? ProgressDeadlineSeconds, string? PodManagementPolicy, LabelSelector? Selector, [property: JsonConverter(typeof(PodTemplateConverter))] PodTemplate? Template, DeploymentStrategy? Strategy, UpdateStrategy? UpdateStrategy);

internal sealed record DeploymentStrategy(string? Type);

/// <summary><c>spec.updateStrategy</c> of StatefulSets and DaemonSets.</summary>
internal sealed record UpdateStrategy(string? Type, RollingUpdate? RollingUpdate);

internal sealed record RollingUpdate(int? Partition);

internal sealed record LabelSelector(IReadOnlyDictionary<string, string>? MatchLabels, IReadOnlyList<LabelRequirement>? MatchExpressions);

internal sealed record LabelRequirement(string? Key, string? Operator, IReadOnlyList<string>? Values);

internal sealed record PodTemplate(TemplateMeta? Metadata, PodTemplateSpec? Spec)
{
    [JsonIgnore]
    public string Fingerprint { get; init; } = "";
}

internal sealed record TemplateMeta([property: JsonConverter(typeof(TemplateAnnotationsConverter))] TemplateAnnotations? Annotations);

/// <param name="Own">Those with our prefix.</param>
internal sealed record TemplateAnnotations(string? RestartedAt, IReadOnlyDictionary<string, string> Own);

internal sealed record PodTemplateSpec(
    IReadOnlyList<ContainerObject>? Containers,
    IReadOnlyList<ContainerObject>? InitContainers,
    IReadOnlyList<LocalReference>? ImagePullSecrets,
    string? ServiceAccountName,
    IReadOnlyList<VolumeObject>? Volumes);

internal sealed record ContainerObject(string? Name, string? Image, string? ImagePullPolicy, string? RestartPolicy);

/// <param name="Image">Only of a volume that is an image.</param>
internal sealed record VolumeObject(string? Name, ImageVolume? Image);

internal sealed record ImageVolume(string? Reference);

/// <summary>The union of the three kinds' fields.</summary>
internal sealed record WorkloadStatus(
    long ObservedGeneration,
    int Replicas,
    int UpdatedReplicas,
    int ReadyReplicas,
    int AvailableReplicas,
    string? CurrentRevision,
    string? UpdateRevision,
    int DesiredNumberScheduled,
    int CurrentNumberScheduled,
    int UpdatedNumberScheduled,
    int NumberReady,
    int NumberAvailable,
    IReadOnlyList<ConditionObject>? Conditions);

internal sealed record ConditionObject(string? Type, string? Status, string? Reason, string? Message);
