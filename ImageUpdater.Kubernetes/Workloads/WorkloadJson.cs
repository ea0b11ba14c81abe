using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Workloads;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkloadObject))]
[JsonSerializable(typeof(WatchLine))]
[JsonSerializable(typeof(WorkloadStatus))]
[JsonSerializable(typeof(PodTemplate))]
[JsonSerializable(typeof(WorkloadPage))]
[JsonSerializable(typeof(PatchBody))]
internal sealed partial class WorkloadJson : JsonSerializerContext;
