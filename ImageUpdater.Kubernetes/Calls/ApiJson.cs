using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// The client library's models that are used here. The library's own context covers all models and permanently takes four megabytes of memory
/// for their type information.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(V1PodList))]
[JsonSerializable(typeof(V1Secret))]
[JsonSerializable(typeof(V1ServiceAccount))]
[JsonSerializable(typeof(V1Status))]
[JsonSerializable(typeof(Eventsv1Event))]
[JsonSerializable(typeof(V1Patch))]
[JsonSerializable(typeof(V1SelfSubjectAccessReview))]
[JsonSerializable(typeof(VersionInfo))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Configures the options with which the client library serializes requests.</summary>
    public static void UseToWrite(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Insert(0, Default);
        options.Converters.Insert(0, new MicroTimeConverter());
    }
}
