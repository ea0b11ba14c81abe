using System.Text.Json.Serialization;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes;

// The API's objects, reduced to the fields that are read. All may be absent; all else is skipped while parsing.

internal sealed record ListMeta(string? Continue, string? ResourceVersion);

internal sealed record ListPage<TItems>(ListMeta? Metadata, TItems? Items)
    where TItems : class;

internal sealed record LocalReference(string? Name);

internal sealed record WorkloadObject(WorkloadMeta? Metadata, WorkloadSpec? Spec, WorkloadStatus? Status)
{
    [JsonIgnore]
    public bool IsEnabled => Metadata?.Annotations?.GetValueOrDefault(Annotations.Enabled) == "true";
}

/// <summary>A line of a watch.</summary>
internal sealed record WatchLine(string? Type, WatchedObject? Object);

/// <summary>A workload; or, of a line ERROR, the Status with which the server ends the watch, whose own <c>status</c> is a word.</summary>
internal sealed record WatchedObject(
    int Code, string? Message, WorkloadMeta? Metadata, WorkloadSpec? Spec, [property: JsonConverter(typeof(WatchedStatusConverter))] WorkloadStatus? Status);

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
    int? Replicas, bool Paused, LabelSelector? Selector, [property: JsonConverter(typeof(PodTemplateConverter))] PodTemplate? Template, DeploymentStrategy? Strategy, UpdateStrategy? UpdateStrategy);

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

internal sealed record ConditionObject(string? Type, string? Status, string? Reason);

internal sealed record PodObject(PodMeta? Metadata, PodStatusObject? Status);

internal sealed record PodMeta(
    string? Name,
    string? DeletionTimestamp,
    PodLabels? Labels,
    RestartAnnotation? Annotations,
    IReadOnlyList<OwnerReference>? OwnerReferences);

internal sealed record PodLabels(
    [property: JsonPropertyName("pod-template-hash")] string? PodTemplateHash,
    [property: JsonPropertyName("controller-revision-hash")] string? ControllerRevisionHash);

internal sealed record OwnerReference(string? Kind, string? Name, string? Uid, bool Controller);

internal sealed record PodStatusObject(
    string? Phase, IReadOnlyList<ContainerStatus>? ContainerStatuses, IReadOnlyList<ContainerStatus>? InitContainerStatuses);

internal sealed record ContainerStatus(
    string? Name, [property: JsonPropertyName("imageID")] string? ImageId, ContainerState? State);

internal sealed record ContainerState(WaitingState? Waiting);

internal sealed record WaitingState(string? Reason);

internal sealed record NodeObject(NodeMeta? Metadata, NodeStatus? Status);

internal sealed record NodeMeta(NodeLabels? Labels);

internal sealed record NodeLabels(
    [property: JsonPropertyName("kubernetes.io/os")] string? Os, [property: JsonPropertyName("kubernetes.io/arch")] string? Architecture);

internal sealed record NodeStatus(NodeInfo? NodeInfo);

internal sealed record NodeInfo(string? OperatingSystem, string? Architecture);

internal sealed record ServiceAccountObject(IReadOnlyList<LocalReference>? ImagePullSecrets);

internal sealed class SecretObject
{
    public string? Type { get; init; }

    public SecretData? Data { get; init; }
}

/// <summary>Other keys of a secret are passed over undecoded.</summary>
internal sealed class SecretData
{
    [JsonPropertyName(".dockerconfigjson")]
    public byte[]? DockerConfigJson { get; init; }

    [JsonPropertyName(".dockercfg")]
    public byte[]? DockerCfg { get; init; }
}

internal sealed record StatusObject(string? Kind, string? Message, string? Reason);

internal sealed record ExecCredentialObject(string? ApiVersion, string? Kind, ExecCredentialStatus? Status);

internal sealed class ExecCredentialStatus
{
    public string? Token { get; init; }

    public string? ClientCertificateData { get; init; }

    public string? ClientKeyData { get; init; }

    public DateTimeOffset? ExpirationTimestamp { get; init; }
}
