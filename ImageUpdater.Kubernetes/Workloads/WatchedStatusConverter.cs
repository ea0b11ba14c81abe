using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>What a watch sends is a workload almost always, and its <c>status</c> an object. At its end it may be a Status.</summary>
internal sealed class WatchedStatusConverter : JsonConverter<WorkloadStatus>
{
    public override WorkloadStatus? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? null : JsonSerializer.Deserialize(ref reader, WorkloadJson.Default.WorkloadStatus);

    public override void Write(Utf8JsonWriter writer, WorkloadStatus value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Workloads are read, and changed by patches only.");
}
