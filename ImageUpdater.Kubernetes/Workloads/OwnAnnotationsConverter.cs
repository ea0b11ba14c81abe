using System.Text.Json;
using System.Text.Json.Serialization;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>Reads annotations with our prefix only. Others can be large: kubectl's last-applied-configuration is a whole manifest.</summary>
internal sealed class OwnAnnotationsConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException();

        // The serializer has buffered the whole object. TrySkip, because Skip throws while the reader is not on the final block.
        var own = new Dictionary<string, string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && key.StartsWith(Annotations.Prefix, StringComparison.Ordinal))
                own[key] = reader.GetString()!;
            else if (!reader.TrySkip())
                throw new JsonException();
        }

        return own;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Workloads are written as patches only.");
}
