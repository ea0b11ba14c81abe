using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Bodies;

/// <summary>The fields that are read of an image's config, in the formats of OCI and Docker. What is not a config says nothing.</summary>
internal sealed class ImageConfig : JsonScan
{
    private const string Unknown = "unknown";
    private const int MaxPart = 64;

    private string? field;
    private string? os;
    private string? architecture;
    private string? variant;

    /// <summary>Null if the config does not say: not every config is an image's.</summary>
    public Platform? Platform => IsMalformed || IsTooLong || os == Unknown || architecture == Unknown ? null : PlatformOf(os, architecture, variant);

    /// <summary>Null without an operating system or an architecture.</summary>
    public static Platform? PlatformOf(string? os, string? architecture, string? variant) => os is { Length: > 0 } && architecture is { Length: > 0 }
        ? new Platform(UntrustedText.Bound(os, MaxPart), UntrustedText.Bound(architecture, MaxPart), variant is { Length: > 0 } ? UntrustedText.Bound(variant, MaxPart) : null)
        : null;

    protected override void Token(ref Utf8JsonReader reader)
    {
        if (reader.CurrentDepth == 0 && reader.TokenType != JsonTokenType.EndObject)
            _ = IsStart(ref reader, JsonTokenType.StartObject);
        if (reader.CurrentDepth != 1)
            return;

        if (reader.TokenType == JsonTokenType.PropertyName)
            field = reader.ValueTextEquals("os"u8) ? "os" : reader.ValueTextEquals("architecture"u8) ? "architecture" : reader.ValueTextEquals("variant"u8) ? "variant" : null;
        else if (field == "os")
            os = Text(ref reader);
        else if (field == "architecture")
            architecture = Text(ref reader);
        else if (field == "variant")
            variant = Text(ref reader);
    }
}
