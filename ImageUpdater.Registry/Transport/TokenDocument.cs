using System.Text.Json.Serialization;

namespace ImageUpdater.Registry.Transport;

/// <summary>The response of a token server (distribution.github.io/distribution/spec/auth/token).</summary>
internal sealed record TokenDocument(
    string? Token,
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in"), JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] double? ExpiresIn)
{
    // The generated ToString would include the token.
    public override string ToString() => nameof(TokenDocument);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 32)]
[JsonSerializable(typeof(TokenDocument))]
internal sealed partial class TokenJson : JsonSerializerContext;
