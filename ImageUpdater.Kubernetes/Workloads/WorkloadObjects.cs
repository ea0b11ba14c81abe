using System.Text.Json.Serialization;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Kubernetes.Workloads;

// The three kinds as one, reduced to the fields that are read. All may be absent; all else is skipped while parsing, where the library's
// models would hold it: thousands of workloads pass here that are not enabled. The fingerprint of a pod template also needs fields
// that a model might not have.

internal sealed record WorkloadPage(ListMeta? Metadata, EnabledWorkloads? Items);

internal sealed record ListMeta(string? Continue, string? ResourceVersion);

internal sealed record LocalReference(string? Name);

internal sealed record WorkloadObject(WorkloadMeta? Metadata, WorkloadSpec? Spec, WorkloadStatus? Status)
{
    [JsonIgnore]
    public bool IsEnabled => Metadata?.Annotations?.GetValueOrDefault(Annotations.Enabled) == "true";
}

/// <summary>A workload; or, of a line ERROR, the Status with which the server ends the watch, whose own <c>status</c> is a word.</summary>
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
    [property: JsonConverter(typeof(ForeignFieldsConverter))] IReadOnlyList<ForeignField>? ManagedFields);

internal sealed record WorkloadSpec(
    int? Replicas, bool Paused, int? ProgressDeadlineSeconds, string? PodManagementPolicy, LabelSelector? Selector, [property: JsonConverter(typeof(PodTemplateConverter))] PodTemplate? Template, DeploymentStrategy? Strategy, UpdateStrategy? UpdateStrategy);

internal sealed record DeploymentStrategy(string? Type);

/// <summary>Of StatefulSets and DaemonSets.</summary>
internal sealed record UpdateStrategy(string? Type, RollingUpdate? RollingUpdate);

internal sealed record RollingUpdate(int? Partition);

internal sealed record LabelSelector(IReadOnlyDictionary<string, string>? MatchLabels, IReadOnlyList<LabelRequirement>? MatchExpressions);

internal sealed record LabelRequirement(string? Key, string? Operator, IReadOnlyList<string>? Values);

internal sealed record PodTemplate(TemplateMeta? Metadata, PodTemplateSpec? Spec)
{
    [JsonIgnore]
    public string Fingerprint { get; init; } = "";
}

internal sealed record TemplateMeta(RestartAnnotation? Annotations);

internal sealed record RestartAnnotation([property: JsonPropertyName(Annotations.RestartedAt)] string? RestartedAt);

internal sealed record PodTemplateSpec(
    IReadOnlyList<ContainerObject>? Containers,
    IReadOnlyList<ContainerObject>? InitContainers,
    IReadOnlyList<LocalReference>? ImagePullSecrets,
    string? ServiceAccountName);

internal sealed record ContainerObject(string? Name, string? Image, string? ImagePullPolicy);

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
