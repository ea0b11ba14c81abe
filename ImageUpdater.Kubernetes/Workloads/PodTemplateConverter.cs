using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>
/// Takes the fingerprint of a whole pod template, most of which is not read otherwise: a plan that somebody saved was made for it and for no
/// other. The API server writes the same template in the same words each time, which is what its own revisions rest on, too.
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
        throw new NotSupportedException("Workloads are read, and changed by patches only.");

    // By value: the reader stays where it is for whoever reads the template itself.
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
