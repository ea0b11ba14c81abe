using System.Text.Json.Serialization;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Workloads;

// The fields of ReplicaSets and ControllerRevisions that are used. A ControllerRevision has the workload's template in its data, which the client
// library leaves unparsed. Measured: a page of 500 ReplicaSets of 4 kB takes 0.3 MB, and 6 MB as the library's V1ReplicaSetList.

internal sealed record RevisionPage(V1ListMeta? Metadata, IReadOnlyList<RevisionObject>? Items);

internal sealed record RevisionObject(RevisionMeta? Metadata, RevisionSpec? Spec, RevisionData? Data);

internal sealed record RevisionMeta(
    [property: JsonConverter(typeof(OwnAnnotationsConverter))] IReadOnlyDictionary<string, string>? Annotations, IReadOnlyList<V1OwnerReference>? OwnerReferences);

internal sealed record RevisionData(RevisionSpec? Spec);

internal sealed record RevisionSpec(RevisionTemplate? Template);

internal sealed record RevisionTemplate(TemplateMeta? Metadata);
