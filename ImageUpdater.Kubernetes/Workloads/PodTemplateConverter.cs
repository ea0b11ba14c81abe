using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>
/// Reads a pod template and hashes all of its JSON, so that a saved plan can be rejected if the template has changed. The API server
/// serializes the same template identically every time; ControllerRevision comparison relies on that, too.
/// </summary>
internal sealed class PodTemplateConverter : JsonConverter<PodTemplate>
{
    private const int FingerprintBytes = 16;

    public override PodTemplate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var fingerprint = FingerprintOf(reader);
        return JsonSerializer.Deserialize(ref reader, WorkloadJson.Default.PodTemplate)! with { Fingerprint = fingerprint };
    }

    public override void Write(Utf8JsonWriter writer, PodTemplate value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Workloads are written as patches only.");

    // Utf8JsonReader is a struct: this copy advances, and the caller's reader stays at the start of the template.
    private static string FingerprintOf(Utf8JsonReader reader)
    {
        var tokens = new ArrayBufferWriter<byte>(4096);
        var depth = reader.CurrentDepth;
        do
        {
            tokens.Write([(byte)reader.TokenType]);
            if (reader.HasValueSequence)
                tokens.Write(reader.ValueSequence.ToArray());
            else
                tokens.Write(reader.ValueSpan);
        }
        while (reader.Read() && reader.CurrentDepth > depth);

        return Convert.ToHexStringLower(SHA256.HashData(tokens.WrittenSpan).AsSpan(0, FingerprintBytes));
    }
}
