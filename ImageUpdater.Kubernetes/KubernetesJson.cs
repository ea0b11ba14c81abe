using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkloadObject))]
[JsonSerializable(typeof(WatchLine))]
[JsonSerializable(typeof(WorkloadStatus))]
[JsonSerializable(typeof(PodTemplate))]
[JsonSerializable(typeof(ListPage<EnabledWorkloads>), TypeInfoPropertyName = "WorkloadPage")]
[JsonSerializable(typeof(ListPage<List<PodObject>>), TypeInfoPropertyName = "PodPage")]
[JsonSerializable(typeof(ListPage<List<NodeObject>>), TypeInfoPropertyName = "NodePage")]
[JsonSerializable(typeof(SecretObject))]
[JsonSerializable(typeof(ServiceAccountObject))]
[JsonSerializable(typeof(StatusObject))]
[JsonSerializable(typeof(EventObject))]
[JsonSerializable(typeof(ExecCredentialObject))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
