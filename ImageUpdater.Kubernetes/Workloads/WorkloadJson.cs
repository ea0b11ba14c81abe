using System.Text.Json.Serialization;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Kubernetes.Workloads;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkloadObject))]
[JsonSerializable(typeof(WatchLine<WatchedWorkload>))]
[JsonSerializable(typeof(WorkloadStatus))]
[JsonSerializable(typeof(PodTemplate))]
[JsonSerializable(typeof(WorkloadPage))]
[JsonSerializable(typeof(RevisionPage))]
[JsonSerializable(typeof(OwnedWorkload))]
[JsonSerializable(typeof(PatchBody))]
internal sealed partial class WorkloadJson : JsonSerializerContext;
