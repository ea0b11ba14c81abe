using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// For an event's time. The library writes a whole second without a fraction, and the API server refuses that: it parses this field by a
/// format of six digits.
/// </summary>
internal sealed class MicroTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Requests are written with it, and answers read without.");

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"));
}
