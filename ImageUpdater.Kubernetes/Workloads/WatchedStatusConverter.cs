using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>Reads <c>status</c> of a watched object: an object in a workload, but a string in the Status of an ERROR event.</summary>
internal sealed class WatchedStatusConverter : JsonConverter<WorkloadStatus>
{
    public override WorkloadStatus? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? null : JsonSerializer.Deserialize(ref reader, WorkloadJson.Default.WorkloadStatus);

    public override void Write(Utf8JsonWriter writer, WorkloadStatus value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Workloads are written as patches only.");
}
