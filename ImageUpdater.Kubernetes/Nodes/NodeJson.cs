using System.Text.Json.Serialization;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Kubernetes.Nodes;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(NodePage))]
[JsonSerializable(typeof(WatchLine<NodeObject>))]
internal sealed partial class NodeJson : JsonSerializerContext;
