using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>Reads annotations with our prefix only. Others can be large: kubectl's last-applied-configuration is a whole manifest.</summary>
internal sealed class OwnAnnotationsConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public static readonly IReadOnlyDictionary<string, string> None = FrozenDictionary<string, string>.Empty;

    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, also: null, out _);

    /// <param name="also">The key of another annotation to read.</param>
    public static IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, string? also, out string? alsoValue)
    {
        alsoValue = null;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException();

        // The serializer has buffered the whole object. TrySkip, because Skip throws while the reader is not on the final block.
        Dictionary<string, string>? own = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && key.StartsWith(Annotations.Prefix, StringComparison.Ordinal))
                (own ??= [])[key] = reader.GetString()!;
            else if (reader.TokenType == JsonTokenType.String && key == also)
                alsoValue = reader.GetString();
            else if (!reader.TrySkip())
                throw new JsonException();
        }

        return own ?? None;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Workloads are written as patches only.");
}
