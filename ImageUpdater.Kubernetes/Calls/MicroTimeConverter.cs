using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// Writes the eventTime of events. The client library writes whole seconds without a fraction, which the API server rejects: its MicroTime is
/// parsed with exactly six fractional digits (apimachinery, RFC3339Micro).
/// </summary>
internal sealed class MicroTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("MicroTimeConverter is for requests only.");

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"));
}
