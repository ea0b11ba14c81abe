using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Workloads;

// The fields of ReplicaSets and ControllerRevisions that are used. A ControllerRevision has the workload's template in its data.

internal sealed record RevisionPage(ListMeta? Metadata, IReadOnlyList<RevisionObject>? Items);

internal sealed record RevisionObject(RevisionMeta? Metadata, RevisionSpec? Spec, RevisionData? Data);

internal sealed record RevisionMeta(
    [property: JsonConverter(typeof(OwnAnnotationsConverter))] IReadOnlyDictionary<string, string>? Annotations, IReadOnlyList<OwnerReference>? OwnerReferences);

internal sealed record OwnerReference(string? Uid);

internal sealed record RevisionData(RevisionSpec? Spec);

internal sealed record RevisionSpec(RevisionTemplate? Template);

internal sealed record RevisionTemplate(TemplateMeta? Metadata);
