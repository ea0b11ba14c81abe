using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// The library's models that we read and write. Its own context, of all models that there are, takes four megabytes of memory for the types
/// alone, and never gives them back.
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
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>For the options by which the library writes.</summary>
    public static void UseToWrite(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Insert(0, Default);
        options.Converters.Insert(0, new MicroTimeConverter());
    }
}
