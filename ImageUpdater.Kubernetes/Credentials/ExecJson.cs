using System.Text.Json.Serialization;
using k8s.KubeConfigModels;

namespace ImageUpdater.Kubernetes.Credentials;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExecCredentialResponse))]
internal sealed partial class ExecJson : JsonSerializerContext;
